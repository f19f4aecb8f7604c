import { type Kind, type Parsed, parsed, refused } from '../features/kinds/kind.js'
import {
  beginningsOfAnswers,
  beginningsOfRequests,
  ofAnswers,
  ofRequests,
  ofStreams,
  onTheWay,
} from '../features/kinds/nginx-variables.js'
import { ACK_LINE, HOST_VARIABLE, INGRESS_NGINX_LINE, isRouteVariable } from '../model/log-lines.js'
import type { TextPart } from '../model/text-part.js'
import { parseVariables } from '../request/variables.js'

/** Names that ingress-nginx's own configuration has for something that has another name here. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  the_real_ip: 'remote_addr',
  proxy_host: 'proxy_upstream_name',
  server_name: HOST_VARIABLE,
  best_http_host: 'host',
  pass_access_scheme: 'scheme',
  pass_server_port: 'server_port',
}

const OPEN = new RegExp(`^(?:${[...beginningsOfRequests, ...beginningsOfAnswers].join('|')})[a-z\\d_]+$`)

/** Decoded, or a body, and so perhaps with a line end: NGINX would copy it into a header as it is. */
const DECODED = new Set(['document_uri', 'remote_user', 'request_body', 'request_filename', 'uri'])

/** The value of a header with variables of NGINX and of whose route a request has taken. */
export const headerValue: Kind<readonly TextPart[]> = {
  form: 'text with variables of NGINX',
  parse: (text) => {
    if (!/^[\x20-\x7e]*$/.test(text)) return refused('holds a character that is not allowed in a header')
    const read = readVariables(text, isKnownOfLines)
    if (read.ok && read.skipped !== undefined)
      return refused(read.skipped.replace(/ (is|are) not known here: .*/, ' $1 not known here'))
    const decoded = read.ok ? read.value.find((part) => part.kind === 'variable' && DECODED.has(part.name)) : undefined
    if (decoded?.kind !== 'variable') return read
    return refused(
      `names the variable $${decoded.name}, in which a client may send a line end; $request_uri is the path as it was sent`,
    )
  },
}

function isKnownOfRequests(name: string): boolean {
  return ofRequests.has(name) || onTheWay.has(name) || ofAnswers.has(name) || OPEN.test(name)
}

function isKnownOfLines(name: string): boolean {
  return isRouteVariable(name) || isKnownOfRequests(name)
}

/** Formats that have a name. */
const NAMED: Readonly<Record<string, string | undefined>> = { ack: ACK_LINE, 'ingress-nginx': INGRESS_NGINX_LINE }

const DASH: TextPart = { kind: 'text', text: '-' }

/** A line with variables of NGINX, or the name of one. */
export const logFormat: Kind<readonly TextPart[]> = {
  form: 'text with variables of NGINX, or `ack` or `ingress-nginx`',
  parse: (text) => readVariables((Object.hasOwn(NAMED, text) ? NAMED[text] : undefined) ?? text, isKnownOfLines),
}

/** The same of the stream module. */
export const streamLogFormat: Kind<readonly TextPart[]> = {
  form: 'text with variables of NGINX',
  parse: (text) => readVariables(text, (name) => ofStreams.has(name)),
}

/** What is not known is written as NGINX writes what is empty (LOGF-3). */
function readVariables(
  text: string,
  isKnown: (name: string) => boolean = isKnownOfRequests,
): Parsed<readonly TextPart[]> {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return refused('holds a line end or another control character')
  if (/\p{Surrogate}/u.test(text)) return refused('holds half a character')
  const parts = parseVariables(text).map(
    (part): TextPart => (part.kind === 'text' ? part : { kind: 'variable', name: nameOf(part.name) }),
  )
  if (parts.some((part) => part.kind === 'text' && part.text.includes('$')))
    return refused('holds a $ that begins no name of a variable')
  const unknown = new Set(
    parts.flatMap((part) => (part.kind === 'variable' && !isKnown(part.name) ? [`$${part.name}`] : [])),
  )
  if (unknown.size === 0) return parsed(parts)
  const value = parts.map((part): TextPart => (part.kind === 'text' || isKnown(part.name) ? part : DASH))
  const skipped =
    unknown.size === 1
      ? `names the variable ${[...unknown].join('')}, which is not known here: - is written for it`
      : `names the variables ${[...unknown].join(', ')}, which are not known here: - is written for them`
  return { ok: true, value, skipped }
}

/** NGINX takes a name in any case. */
function nameOf(written: string): string {
  const name = written.toLowerCase()
  return Object.hasOwn(ALSO_CALLED, name) ? (ALSO_CALLED[name] ?? name) : name
}
