import { lower } from '#bytes'
import type { AuthService } from '../../model/auth-service.js'
import type { ExternalAuthSettings } from '../../model/features.js'
import type { AuthAnswer } from '../../request/auth-question.js'
import { escapeComponent, escapeForHeader } from '../../request/escape.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort, ResponsePort } from '../../request/port.js'
import { idleStep, routeStep, type Access, type Verdict } from '../../request/step.js'
import { underscored } from '../../request/underscored.js'
import { answerFrom } from './answer.js'
import { hostSent } from './host-sent.js'
import { expandFor } from './variables.js'

/** EXT-2: what the service says, or a refusal. Whoever cannot be asked lets nobody in (EXT-12). */
export const externalAuth = routeStep('externalAuth', (settings, passage, port: ActingPort): Access => {
  const key = settings.services === undefined ? settings.service : settings.services[passage.host.name]
  const service = key === undefined ? undefined : port.attachment(key)
  if (key === undefined || service?.kind !== 'auth-service') return CLOSED
  const found = answerFrom(service, key, settings, passage, port)
  if (found === 'none') return FAILED
  if (found === 'busy') return CLOSED
  const cookies = found.headers['set-cookie']
  if (cookies !== undefined) passage.authCookies = { lines: cookies, always: service.alwaysSetCookie === true }
  if (found.status >= 200 && found.status < 300) {
    for (const name of service.forwarded ?? []) forward(name, textOf(found, lower(name)), port)
    return 'granted'
  }
  if (found.status === 401)
    return service.signIn === undefined ? unauthorized(found) : signIn(service.signIn, settings, passage, port)
  return found.status === 403 ? FORBIDDEN : FAILED
})

/**
 * EXT-5. The redirect to the sign-in page is one of these answers too. Most services set no cookies, and those that do
 * have done so by now.
 */
export const authCookies = idleStep('externalAuth', addCookies, ({ authCookies: cookies }) => cookies === undefined)

function addCookies(_settings: ExternalAuthSettings, { authCookies: cookies }: Passage, port: ResponsePort): void {
  if (cookies === undefined || (!cookies.always && WITH_COOKIES[port.status()] !== true)) return
  for (const line of cookies.lines) port.addAnswer('Set-Cookie', line)
}

const CLOSED: Verdict = { kind: 'answer', status: 503 }
const FAILED: Verdict = { kind: 'answer', status: 500 }
const FORBIDDEN: Verdict = { kind: 'answer', status: 403 }

const WITH_COOKIES: Readonly<Record<number, true | undefined>> = {
  200: true,
  201: true,
  204: true,
  206: true,
  301: true,
  302: true,
  303: true,
  304: true,
  307: true,
  308: true,
}

/** NGINX has one line for it. */
function unauthorized(found: AuthAnswer): Verdict {
  const challenges = textOf(found, 'www-authenticate')
  if (challenges === undefined) return { kind: 'answer', status: 401 }
  return { kind: 'answer', status: 401, headers: [['WWW-Authenticate', challenges]] }
}

/** EXT-3. Variables hold what clients write. */
function signIn(
  { to, returnBy }: NonNullable<AuthService['signIn']>,
  settings: ExternalAuthSettings,
  passage: Passage,
  port: ActingPort,
): Verdict {
  const { scheme, target } = passage.asked
  const back =
    returnBy === undefined
      ? ''
      : `${returnBy}${scheme()}://${hostSent(passage, port.variable)}${escapeComponent(target())}`
  return {
    kind: 'redirect',
    status: 302,
    location: escapeForHeader(`${expandFor(to, settings, passage, port)}${back}`),
  }
}

/** EXT-4. The port finds both spellings, and none of the client's is left. */
function forward(name: string, value: string | undefined, port: ActingPort): void {
  const isSent = port.header(name) !== undefined
  if (isSent) port.setHeader(underscored(name), undefined)
  if (isSent || value !== undefined) port.setHeader(name, value)
}

/** EXT-4: lines of one name are one list (RFC 9110, 5.3). */
function textOf({ headers }: AuthAnswer, name: string): string | undefined {
  const values = headers[name]
  if (values === undefined) return undefined
  let text: string | undefined
  for (const value of values) text = text === undefined ? value : `${text}, ${value}`
  return text
}
