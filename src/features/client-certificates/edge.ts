import { byteAt } from '#bytes'
import type { ClientSettings } from '../../model/features.js'
import type { HostPort } from '../../request/port.js'
import type { Presented } from '../../request/presented.js'
import { hostStep, type HostVerdict } from '../../request/step.js'
import { underscored } from '../../request/underscored.js'

const SLASH = 47

/** MTLS-1: what the host asks of its clients cannot be had, so nobody comes in. */
export const forbidden = hostStep('forbidden', (): HostVerdict => ({ kind: 'answer', status: 403 }))

/** MTLS-3..8. From here on the headers about the client are ours, whatever becomes of the request. */
export const clients = hostStep('clients', (settings, asked, port): HostVerdict | undefined => {
  const presented = port.presented(asked.routed, settings)
  introduce(settings, presented, port)
  if (presented.kind === 'misdirected') return MISDIRECTED
  if (presented.kind === 'unverifiable') return CLOSED
  if (presented.kind === 'verified' && !passes(settings, presented.verdict)) return instead(settings, port)
  if (settings.subject === undefined) return undefined
  // MTLS-6: over plain HTTP the name is empty, and a match that fails is not one.
  const subject = presented.kind === 'verified' ? presented.subject : ''
  return port.match(settings.subject, subject, 'exact').kind === 'match' ? undefined : STRANGER
})

const MISDIRECTED: HostVerdict = { kind: 'answer', status: 421 }
const CLOSED: HostVerdict = { kind: 'answer', status: 503 }
const REFUSED: HostVerdict = { kind: 'answer', status: 400 }
const STRANGER: HostVerdict = { kind: 'answer', status: 403, body: 'client certificate unauthorized' }

/** MTLS-3. */
function passes({ verify }: ClientSettings, verdict: string): boolean {
  if (verdict === 'SUCCESS') return true
  if (verify === 'on') return false
  return verify === 'optional' ? verdict === 'NONE' : true
}

/** MTLS-4. */
function instead({ errorPage }: ClientSettings, port: HostPort): HostVerdict {
  if (errorPage === undefined) return REFUSED
  if (byteAt(errorPage, 0) !== SLASH) return { kind: 'redirect', status: 302, location: errorPage }
  // A page is asked for in place of what the client asked for. Nothing of a stranger is sent with that.
  return isBare(port) ? { kind: 'page', target: errorPage } : REFUSED
}

function isBare(port: HostPort): boolean {
  const method = port.variable('request_method')
  if (method !== 'GET' && method !== 'HEAD') return false
  return port.header('content-length') === undefined && port.header('transfer-encoding') === undefined
}

/**
 * MTLS-5: what every backend learns of the client, and external authentication too (EXT-11), since they are headers of the
 * request. Where there is nothing to say, what the client itself says under such a name is taken away.
 */
function introduce({ passed }: ClientSettings, presented: Presented, port: HostPort): void {
  const known = presented.kind === 'verified' ? presented : NOBODY
  tell(port, 'ssl-client-verify', known.verdict)
  tell(port, 'ssl-client-subject-dn', known.subject)
  tell(port, 'ssl-client-issuer-dn', known.issuer)
  tell(port, 'ssl-client-cert', passed === true ? known.certificate : '')
}

const NOBODY = { verdict: '', subject: '', issuer: '', certificate: '' }

function tell(port: HostPort, name: string, value: string): void {
  // Found in both spellings, which scripts cannot tell apart (RFC 3875, 4.1.18).
  const isSent = port.header(name) !== undefined
  if (isSent) port.setHeader(underscored(name), undefined)
  if (isSent || value !== '') port.setHeader(name, value === '' ? undefined : value)
}
