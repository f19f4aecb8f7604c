import { find } from '#bytes'
import { resolveSegments } from '../request/uri-path.js'
import { endRequest } from './end-request.js'
import { askedHost, isUpgrade } from './http3.js'
import { forgetLabel } from './label.js'
import { forgetRoute } from './route-names.js'
import { settings } from './table.js'
import { forgetTransportSecurity } from './tls-heads.js'
import { variables } from './variables.js'

/**
 * A backend sent the request to the default location once more (`X-Accel-Redirect`), and what it is now is decided
 * anew: what was written about it is taken back.
 */
export function beginAnew(): void {
  endRequest()
  forgetTransportSecurity()
  const host = askedHost() ?? ''
  forgetLabel()
  variables['proxy_alternative_upstream_name'] = ''
  variables['route'] = ''
  forgetRoute()
  variables['upstream_host'] = host
  variables['backend_host'] = host
  const without = settings().backendConnections?.kept === false ? 'close' : ''
  variables['connection_upgrade'] = isUpgrade() ? 'upgrade' : without
}

/**
 * A backend may send a request on so often. NGINX ends one after ten changes of its URI, of which one way through our
 * locations takes up to two and an error page one: the last would fail in the middle of `route`, where nobody ends what
 * was awaited or takes what was given.
 */
const MOST_TIMES_SENT_ON = 4

/** Answered with a status that leads to no other location: there may be no change of the URI left. */
export function wasSentInCircles(): boolean {
  const times = (tonumber(variables['times_sent_on']) ?? 0) + 1
  variables['times_sent_on'] = tostring(times)
  return times > MOST_TIMES_SENT_ON
}

/**
 * NGINX merges slashes and resolves dots in what clients ask for, but not in the path of a backend's
 * `X-Accel-Redirect`, of which it only refuses `..`; as it is, it would step around the prefixes of its host.
 */
export function resolvedPath(uri: string): string {
  if (find(uri, '//', 0) < 0 && find(uri, '/.', 0) < 0) return uri
  const resolved = resolveSegments(uri)
  return resolved.kind === 'ok' ? resolved.path : uri
}
