import { lookup as lookUp } from 'node:dns'
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { OcspQuestion } from './question.js'

/** `reason`: a clause that continues the name of the responder. */
export type OcspReply = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: string }

/** Whom may be asked. Nobody on this machine, unless whoever names responders is whoever runs it. */
export type Reach = 'others' | 'this machine too'

const PATIENCE_MILLISECONDS = 10_000
/** Answers are of one or two thousand bytes; with a chain for the signer, of five. */
const MOST_BYTES = 16 * 1024

/**
 * Asks a responder (RFC 6960, appendix A: POST). Ends within ten seconds, follows no redirect, and reads no more than
 * it says.
 */
export function askResponder(
  { responder, request }: OcspQuestion,
  reach: Reach,
  patienceMilliseconds = PATIENCE_MILLISECONDS,
): Promise<OcspReply> {
  return new Promise((resolve) => {
    const refuse = (reason: string): void => resolve({ ok: false, reason })
    const host = responder.hostname.replaceAll(/^\[|\]$/g, '')
    if (isIP(host) > 0 && !isAllowed(host, reach)) return refuse(FORBIDDEN)
    const send = responder.protocol === 'https:' ? httpsRequest : httpRequest
    const asked: ClientRequest = send(responder, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', 'content-length': request.length },
      agent: false,
      lookup: allowedOnly(reach),
      signal: AbortSignal.timeout(patienceMilliseconds),
    })
    asked.on('response', (response) => {
      if (response.statusCode === 200) return void collect(response).then(resolve)
      asked.destroy()
      refuse(`answered ${response.statusCode ?? 0}`)
    })
    asked.on('error', (cause) =>
      refuse(cause.name === 'AbortError' || cause.name === 'TimeoutError' ? LATE : `cannot be asked: ${cause.message}`),
    )
    asked.end(request)
  })
}

const LATE = 'did not answer in time'
const FORBIDDEN = 'is at an address that is not asked'

async function collect(response: IncomingMessage): Promise<OcspReply> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      length += piece.length
      if (length > MOST_BYTES) {
        response.destroy()
        return { ok: false, reason: `answered with more than ${MOST_BYTES} bytes` }
      }
      pieces.push(piece)
    }
  } catch {
    return { ok: false, reason: LATE }
  }
  return { ok: true, bytes: Buffer.concat(pieces) }
}

/** The address that was looked at is the one that is connected to: a name cannot mean another one in between. */
function allowedOnly(reach: Reach): LookupFunction {
  return (name, options, done) => {
    lookUp(name, { ...options, all: true }, (fault, found) => {
      const allowed = fault === null ? found.filter(({ address }) => isAllowed(address, reach)) : []
      const [first] = allowed
      if (fault !== null) done(fault, [])
      else if (first === undefined) done(new Error(FORBIDDEN), [])
      else if (options.all === true) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
}

/** Of ipaddr.js: what belongs to this machine and its link, with the address at which clouds tell credentials. */
const NEVER: readonly string[] = ['linkLocal', 'unspecified', 'broadcast', 'multicast']

function isAllowed(address: string, reach: Reach): boolean {
  // The zone of an address of the link.
  const range = ipaddr.process(address.replace(/%.*$/, '')).range()
  return !NEVER.includes(range) && (range !== 'loopback' || reach === 'this machine too')
}
