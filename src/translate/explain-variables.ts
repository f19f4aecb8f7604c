import type { BackendHeaderSettings } from '../model/backend-headers.js'
import type { TextPart } from '../model/text-part.js'
import type { HostPort } from '../request/port.js'
import { expandParts } from '../request/variables.js'
import { partOf } from './explain-endpoint.js'
import type { HeaderExplanation, HeaderFate } from './header-fate.js'

/** The value of a variable; where it is not sure, words for it, or its name with `$`. */
interface Found {
  readonly value: string
  readonly isSure: boolean
}

/** What the values of headers for the backend come to, as far as the request says it. */
export interface HeaderReader {
  readonly read: (name: string) => Found
  readonly fateOf: (parts: readonly TextPart[]) => HeaderFate
}

/** @param changes what steps did to headers, by name in lower case; it may grow while values are read */
export function readHeaders(
  settings: BackendHeaderSettings,
  request: HostPort,
  changes: ReadonlyMap<string, HeaderExplanation>,
): HeaderReader {
  const read = (name: string): Found => {
    const own = frameVariable(name, settings, request, changes)
    if (own !== undefined) return own
    // Host and Connection are changed in what is sent, not in what the client sent.
    const changed = name.startsWith('http_') ? changes.get(name.slice('http_'.length).replaceAll('_', '-')) : undefined
    if (changed !== undefined && name !== 'http_host' && name !== 'http_connection') return foundIn(changed)
    const value = request.variable(name) ?? partOf(request, name)
    return value === undefined ? unsure(WORDS[name] ?? `$${name}`) : sure(value)
  }
  const fateOf = (parts: readonly TextPart[]): HeaderFate => {
    let isSure = true
    const value = expandParts(parts, (name) => {
      const found = read(name)
      if (found.isSure) return found.value
      isSure = false
      // Words within a text could be taken for a part of it.
      return parts.length === 1 ? found.value : `$${name}`
    })
    if (!isSure) return { kind: 'described', words: value }
    return value === '' ? { kind: 'removed' } : { kind: 'sent', value }
  }
  return { read, fateOf }
}

const WORDS: Readonly<Record<string, string | undefined>> = {
  remote_addr: "the client's address",
  request_id: 'an id of the request',
}

/** The variables that the frame and Lua make, as `frame/http.ts` and `frame/client-address.ts` say them. */
function frameVariable(
  name: string,
  settings: BackendHeaderSettings,
  request: HostPort,
  changes: ReadonlyMap<string, HeaderExplanation>,
): Found | undefined {
  const { clientAddress, requestIds, upstreamPoolSize } = settings
  const sent = (header: string): string => request.header(header) ?? ''
  const believed = (header: string): string => (clientAddress.forwarded ? sent(header) : '')
  const where = (found: Found): Found =>
    clientAddress.checksPeer ? unsure(`${found.value} where it comes from proxy-real-ip-cidr`) : found
  const hostSent = (forwarded: string): Found =>
    forwarded === '' ? upstreamHost('', request) : where(upstreamHost(forwarded, request))
  switch (name) {
    case 'backend_host': {
      const changed = changes.get('host')
      return changed === undefined ? hostSent(believed('X-Forwarded-Host')) : foundIn(changed)
    }
    case 'upstream_host':
      return hostSent(believed('X-Forwarded-Host'))
    case 'req_id': {
      const id = sent('X-Request-ID')
      return id === '' && requestIds ? unsure('an id of the request') : sure(id)
    }
    case 'full_x_forwarded_for': {
      const list = sent(clientAddress.forHeader)
      return unsure(`${list === '' ? '' : `${list}, and behind it `}the address that the connection comes from`)
    }
    case 'pass_port': {
      const port = believed('X-Forwarded-Port')
      if (port !== '') return where(sure(port))
      if (clientAddress.proxyProtocol) return unsure('the port that the PROXY header names')
      return sure(request.variable('pass_port') ?? '')
    }
    case 'pass_scheme': {
      const scheme = believed('X-Forwarded-Proto')
      return scheme === '' ? sure(request.variable('scheme') ?? '') : where(sure(scheme))
    }
    case 'asked_upgrade':
      return sure(sent('Upgrade'))
    case 'connection_upgrade': {
      const changed = changes.get('connection')
      if (changed !== undefined) return foundIn(changed)
      return sure(sent('Upgrade') !== '' ? 'upgrade' : upstreamPoolSize === 0 ? 'close' : '')
    }
    default:
      return undefined
  }
}

/** As `edge/upstream-host.ts` has it for a request that came in by its Host header. */
function upstreamHost(forwarded: string, request: HostPort): Found {
  const [, first] = /^\s*([\w.\-[\]:]+)\s*(?:,|$)/.exec(forwarded) ?? []
  return sure(first ?? request.variable('http_host') ?? '')
}

function foundIn(change: HeaderFate): Found {
  if (change.kind === 'sent') return sure(change.value)
  return change.kind === 'described' ? unsure(change.words) : sure('')
}

function sure(value: string): Found {
  return { value, isSure: true }
}

function unsure(value: string): Found {
  return { value, isSure: false }
}
