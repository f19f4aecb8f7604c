import { byteAt, find, lower, slice } from '#bytes'
import type { CorsSettings } from '../../model/features.js'
import { isDigit, isLetter } from '../../request/byte-class.js'
import type { RequestPort, ResponsePort } from '../../request/port.js'
import type { Passage } from '../../request/passage.js'
import { idleStep, routeStep, type Verdict } from '../../request/step.js'

const HYPHEN = 45

/** COR-5: an OPTIONS request of an origin that is admitted never reaches a backend, nor the redirect to HTTPS. */
export const corsPreflight = routeStep('cors', (settings, _passage, request: RequestPort): Verdict | undefined => {
  if (request.variable('request_method') !== 'OPTIONS') return undefined
  return allowedOrigin(settings, request) === undefined ? undefined : { kind: 'answer', status: 204 }
})

/** COR-4: on every status, in place of what the backend says. */
export const corsHeaders = idleStep('cors', writeHeaders, admitsNobody)

function admitsNobody({ route }: Passage, request: RequestPort): boolean {
  const settings = route.features?.cors
  return settings === undefined || allowedOrigin(settings, request) === undefined
}

function writeHeaders(settings: CorsSettings, _passage: Passage, response: ResponsePort): void {
  const origin = allowedOrigin(settings, response)
  if (origin === undefined) return
  const { answer } = response
  answer('Access-Control-Allow-Origin', origin)
  answer('Access-Control-Allow-Credentials', settings.credentials === true ? 'true' : undefined)
  answer('Access-Control-Allow-Methods', settings.methods)
  answer('Access-Control-Allow-Headers', settings.headers)
  if (settings.expose !== undefined) answer('Access-Control-Expose-Headers', settings.expose)
  answer('Access-Control-Max-Age', settings.maxAge)
  // A cache must not give one origin's answer to another (Fetch standard, "CORS protocol and HTTP caches").
  if (settings.origins !== undefined) addVary(response)
}

/** COR-2: what Access-Control-Allow-Origin says to this request; undefined: its origin is not admitted. */
function allowedOrigin({ origins }: CorsSettings, request: RequestPort): string | undefined {
  if (origins === undefined) return '*'
  const origin = request.header('origin')
  if (origin === undefined || find(origin, '*', 0) >= 0) return undefined
  const asked = lower(origin)
  if (origins[asked] === true) return origin
  const wildcard = withoutFirstLabel(asked)
  return wildcard !== undefined && origins[wildcard] === true ? origin : undefined
}

/** `https://*.b.test:8` for `https://a.b.test:8`; undefined where no label could be one that `*` stands for. */
function withoutFirstLabel(origin: string): string | undefined {
  const slashes = find(origin, '//', 0)
  const dot = slashes < 0 ? -1 : find(origin, '.', slashes)
  if (dot <= slashes + 2) return undefined
  for (let i = slashes + 2; i < dot; i++) {
    const byte = byteAt(origin, i)
    if (!isLetter(byte) && !isDigit(byte) && byte !== HYPHEN) return undefined
  }
  return `${slice(origin, 0, slashes + 2)}*${slice(origin, dot, origin.length)}`
}

function addVary({ answer, answered }: ResponsePort): void {
  const known = answered('Vary')
  if (known === undefined) return answer('Vary', 'Origin')
  let all = ''
  for (const one of typeof known === 'string' ? [known] : known) all = all === '' ? one : `${all}, ${one}`
  const names = lower(`,${all},`)
  const named = find(names, ',origin,', 0) >= 0 || find(names, ' origin,', 0) >= 0 || all === '*'
  answer('Vary', named ? all : `${all}, Origin`)
}
