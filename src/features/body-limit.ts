import type { ProfileDirective } from '../nginx/profile.js'
import { size } from '../nginx/units.js'

/** The largest body where nobody says otherwise (configmap.md, proxy-body-size). */
const STANDARD_BYTES = 1024 * 1024

/** What the ConfigMap says for every host; 0: no limit. */
export function defaultBodyLimit(defaults: ReadonlyMap<string, unknown>): number {
  const bytes = defaults.get('proxy-body-size')
  return typeof bytes === 'number' ? bytes : STANDARD_BYTES
}

/**
 * NGINX's part in a limit: bodies that do not say their length, while they are read. A body that says it is measured
 * exactly by the edge, so this is the next power of two, and Ingresses with similar limits share a profile.
 */
export function bodyLimitDirective(bytes: number): ProfileDirective {
  return { name: 'client_max_body_size', args: [size(bytes === 0 ? 0 : nextPowerOfTwo(bytes))] }
}

function nextPowerOfTwo(bytes: number): number {
  let power = 1024
  while (power < bytes) power *= 2
  return power
}
