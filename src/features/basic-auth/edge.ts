import type { ActingPort } from '../../request/port.js'
import { routeStep, type Access, type Verdict } from '../../request/step.js'
import { readCredentials, stripCredentials } from './credentials.js'
import { checkDigest } from './digest.js'

/** BAS-3, BAS-4. A user that the Secret does not have is refused without a hash being made. */
export const basic = routeStep('basic', ({ users: key, realm }, _, port: ActingPort): Access => {
  const list = port.attachment(key)
  if (list?.kind !== 'users') return CLOSED
  const sent = readCredentials(port)
  const hash = sent === undefined ? undefined : list.users[sent.user]
  // What every object of JavaScript has is no user.
  if (sent === undefined || typeof hash !== 'string') return invite(realm)
  const check = port.checkPassword(key, sent.user, sent.password, hash)
  if (check === 'right') return 'granted'
  return check === 'wrong' ? invite(realm) : check === 'busy' ? LATER : CLOSED
})

/** BAS-7. */
export const digest = routeStep('digest', ({ users: key, realm }, _, port: ActingPort): Access => {
  const list = port.attachment(key)
  return list?.kind === 'users' ? checkDigest(key, list.users, realm, port) : CLOSED
})

export const stripBasic = routeStep('basic', (_settings, _, port: ActingPort): undefined =>
  stripCredentials(port, 'basic '),
)

export const stripDigest = routeStep('digest', (_settings, _, port: ActingPort): undefined =>
  stripCredentials(port, 'digest '),
)

const CLOSED: Verdict = { kind: 'answer', status: 503 }
const LATER: Verdict = { kind: 'answer', status: 503, headers: [['Retry-After', '1']] }

/** The characters of a realm need no escape (`auth-realm`). */
function invite(realm: string): Verdict {
  return { kind: 'answer', status: 401, headers: [['WWW-Authenticate', `Basic realm="${realm}"`]] }
}
