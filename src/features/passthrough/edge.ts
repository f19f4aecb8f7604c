import type { HostPort } from '../../request/port.js'
import { hostStep, type HostVerdict } from '../../request/step.js'

/**
 * A host whose TLS is passed on is never shown to who has come by TLS that was ended here: by another server name, by none,
 * by an alias, or because it cannot be passed on. RFC 9110, 15.5.20.
 */
export const passthrough = hostStep('passthrough', (_settings, _asked, port: HostPort): HostVerdict | undefined =>
  port.variable('scheme') === 'https' ? MISDIRECTED : undefined,
)

const MISDIRECTED: HostVerdict = { kind: 'answer', status: 421 }
