import { byteAt, slice } from '#bytes'
import { parseAbsoluteForm } from './absolute-form.js'
import { isControl } from './byte-class.js'
import { parseHostName } from './host-name.js'
import { uriPath } from './uri-path.js'

const BLANK = 32

/**
 * Bytes of one of NGINX's large header buffers by default: a request line or a header must fit into one, line end
 * included.
 */
const BUFFER_BYTES = 8192

/** `GET ` before a target, ` HTTP/1.1` and the line end after it. */
const BEFORE_TARGET = 4
const AROUND_TARGET = 15

/** `Host: ` and the line end. */
const AROUND_HOST = 8

const FORBIDDEN_BYTE = 'the request target has a blank or a control byte that is not escaped'

/** The name of the only server: `$host` of an HTTP/1.0 request that names no host. */
const SERVER_NAME = '_'

export type HttpVersion = '1.0' | '1.1' | '2'

export type Normalised =
  | {
      readonly kind: 'ok'
      /** `$host`: lower case, without port and final dot. */
      readonly host: string
      /** `$uri`: decoded, slashes merged, dots resolved. */
      readonly path: string
      /** `$request_uri`: as the client sent it, without scheme and host. */
      readonly target: string
    }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }

/**
 * What NGINX makes of a GET request's target and Host header (`:path` and `:authority` in HTTP/2): the host, path and
 * target that `decide` takes, or the status it refuses the request with before anything is routed.
 *
 * Strings are bytes; the header is without the blanks around it, and undefined where it was not sent. `strictHosts` is
 * true for NGINX from 1.29.4 on (`EngineFacts`). Header buffers are taken to have NGINX's default size, 8 kB each.
 * Source: PATH-3, HOST-2, HOST-6; held against the running engine by test/edge/normalise.test.ts.
 */
export function normalise(
  target: string,
  hostHeader: string | undefined,
  version: HttpVersion,
  strictHosts = true,
): Normalised {
  const unreadable = version === '2' ? findUnreadablePath(target) : findUnreadableLine(target)
  if (unreadable !== undefined) return unreadable
  const absolute = isOriginForm(target) ? undefined : parseAbsoluteForm(target)
  const origin = absolute === undefined ? target : absolute.rest
  const uri = uriPath(isOriginForm(origin) ? origin : `/${origin}`)
  if (uri.kind === 'refused') return refused(400, uri.reason)

  let host: string | undefined
  if (absolute !== undefined) {
    host = parseHostName(strictHosts ? absolute.authority : absolute.host, strictHosts)
    if (host === undefined) return refused(400, 'the host in the request target is not valid')
  }
  if (hostHeader === undefined) {
    if (version !== '1.0') return refused(400, 'the request names no host')
    return { kind: 'ok', host: host ?? SERVER_NAME, path: uri.path, target: origin }
  }
  if (hostHeader.length > BUFFER_BYTES - (version === '2' ? 0 : AROUND_HOST))
    return refused(400, 'the Host header is too long')
  const fromHeader = parseHostName(hostHeader, strictHosts)
  if (fromHeader === undefined) return refused(400, 'the Host header is not valid')
  return { kind: 'ok', host: host ?? fromHeader, path: uri.path, target: origin }
}

/** What NGINX refuses while it reads a request line; the first 8 kB are read before it can know that the line is too long. */
function findUnreadableLine(target: string): Normalised | undefined {
  const read = slice(target, 0, BUFFER_BYTES - BEFORE_TARGET)
  if (hasForbiddenByte(read)) return refused(400, FORBIDDEN_BYTE)
  if (!isOriginForm(read) && parseAbsoluteForm(read) === undefined) {
    return refused(400, 'the request target is neither a path nor a URL with a well-formed host')
  }
  return target.length > BUFFER_BYTES - AROUND_TARGET ? refused(414, 'the request line is too long') : undefined
}

/** The same for `:path`; only the path form is taken. A field that is too long costs the client its connection. */
function findUnreadablePath(path: string): Normalised | undefined {
  if (!isOriginForm(path)) return refused(400, 'the path does not begin with "/"')
  if (hasForbiddenByte(path)) return refused(400, FORBIDDEN_BYTE)
  return path.length > BUFFER_BYTES ? refused(400, 'the path is too long; NGINX closes the connection') : undefined
}

function hasForbiddenByte(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    if (isControl(byte) || byte === BLANK) return true
  }
  return false
}

/** `/path`, with or without a query. */
function isOriginForm(target: string): boolean {
  return slice(target, 0, 1) === '/'
}

function refused(status: number, reason: string): Normalised {
  return { kind: 'refused', status, reason }
}
