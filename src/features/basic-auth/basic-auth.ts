import type { NamedAttachment } from '../../model/attachment.js'
import type { Secret } from '../../snapshot/objects.js'
import { type Complaint, type Contribution, family } from '../declare.js'
import { type Kind, refused } from '../kinds/kind.js'
import { textOf, word } from '../kinds/kinds.js'
import { isExemptFromAuth, noAuthLocationsSetting } from '../no-auth-locations.js'
import { crossNamespaceSetting, keyOfObject, type ObjectName, parseObjectName, whyForeign } from '../other-namespace.js'
import { type LoginKind, readUsers, type SecretForm, type UsersReading } from './users.js'

const realmText = textOf('text of letters, digits, blanks and -._~/:', 'A-Za-z0-9\\-._~/: ')

/** BAS-5: NGINX would not check anything. */
const realm: Kind<string> = {
  form: `${realmText.form}, other than off`,
  parse: (text) =>
    text === 'off' ? refused('would turn the check off; leave auth-type out for that') : realmText.parse(text),
}

/** BAS-1..BAS-10. Source: annotations.md section 4; ngx_http_auth_basic_module; RFC 7617, RFC 2617. */
export const basicAuth = family({
  name: 'basic-auth',
  title: 'Basic and digest authentication',
  doc: 'Clients have to log in with a user and password of a Secret; others are answered 401. A change of the Secret counts at once. Users whose hash cannot be checked cannot log in, and a problem says so. Paths of no-auth-locations of the main ConfigMap are exempt.',
  annotations: {
    'auth-type': {
      kind: word('basic', 'digest'),
      doc: 'How clients log in. Without it the other annotations of this family have no effect.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      protects: true,
      empty: 'said',
      fallback: 'nobody has to log in',
      example: 'basic',
    },
    'auth-secret': {
      kind: textOf('name or namespace/name of a Secret', 'A-Za-z0-9\\-._~/:'),
      doc: 'The Secret with the users. One of another namespace needs allow-cross-namespace-resources of the main ConfigMap.',
      effect: 'path',
      risk: 'medium',
      bad: 'close',
      protects: true,
      empty: 'said',
      fallback: 'has to be given',
      example: 'users',
      refersTo: { kind: 'Secret', keyOf: (text, namespace) => keyOfObject(text, namespace) },
    },
    'auth-secret-type': {
      kind: word('auth-file', 'auth-map'),
      doc: 'Whether the key `auth` of the Secret is a file of htpasswd (of htdigest for digest), or each key a user and its value the hash. Hashes: bcrypt ($2a$, $2b$, $2y$), $apr1$, $1$, $5$, $6$, DES of crypt, {SHA}, {SSHA}, {PLAIN}.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      protects: true,
      fallback: 'auth-file',
      example: 'auth-map',
    },
    'auth-realm': {
      kind: realm,
      doc: 'What clients are told they log in to.',
      effect: 'path',
      risk: 'medium',
      bad: 'refuse',
      protects: true,
      fallback: 'an empty text',
      example: 'Members only',
    },
  },
  settings: { ...noAuthLocationsSetting, ...crossNamespaceSetting },
  contribute: (values, context): Contribution => {
    const kind = values['auth-type']
    const text = values['auth-secret']
    if (kind === undefined) {
      if (text === undefined) return {}
      return context.has('auth-type') ? closed(WITHOUT_MEANING) : { complaints: [WITHOUT_TYPE] }
    }
    if (text === undefined) return closed('auth-type needs an auth-secret, the Secret with the users.')
    const named = parseObjectName(text, context.ingress.namespace)
    if (named === undefined) return closed(`${JSON.stringify(text)} is not of the form name or namespace/name.`)
    const foreign = whyForeign('Secret', named, context)
    if (foreign !== undefined) return closed(foreign)
    const secret = context.secret(named.namespace, named.name)
    if (secret === undefined) return closed(`There is no Secret ${named.namespace}/${named.name}.`)
    const form = values['auth-secret-type'] ?? 'auth-file'
    const { reading, named: users } = attach(secret, named, form, kind)
    if (!reading.ok) return closed(`Secret ${named.namespace}/${named.name}: ${reading.fault}`)
    const settings = { [kind]: { users: users.key, realm: values['auth-realm'] ?? '' } }
    return {
      route: (path) => (isExemptFromAuth(path, context) ? undefined : settings),
      attachments: [users],
      complaints: complaintsAbout(named, reading),
    }
  },
})

const WITHOUT_MEANING = 'auth-secret names users, and auth-type does not say how they log in.'

const WITHOUT_TYPE: Complaint = {
  annotation: 'auth-secret',
  message: 'auth-secret has no effect without auth-type.',
  instead: 'off',
}

function closed(message: string): Contribution {
  return { complaints: [{ annotation: 'auth-secret', message, instead: 'close' }] }
}

function complaintsAbout(
  named: ObjectName,
  { users, faults }: Extract<UsersReading, { ok: true }>,
): readonly Complaint[] {
  if (faults.length > 0) return [partly(named, faults)]
  if (Object.keys(users).length > 0) return []
  const message = `Secret ${named.namespace}/${named.name} holds no user, so that nobody can log in.`
  return [{ annotation: 'auth-secret', message, instead: 'partly' }]
}

const MOST_NAMED = 5

function partly({ namespace, name }: ObjectName, faults: readonly string[]): Complaint {
  const rest = faults.length - MOST_NAMED
  const told = `${faults.slice(0, MOST_NAMED).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
  const message = `Secret ${namespace}/${name}: ${told}. Such users cannot log in.`
  return { annotation: 'auth-secret', message, instead: 'partly' }
}

interface Attached {
  readonly reading: UsersReading
  readonly named: NamedAttachment
}

const attached = new WeakMap<Secret, Map<string, Attached>>()

/** Once for each Secret object, however many Ingresses name it. Routes keep the key while the users change (BAS-10). */
function attach(secret: Secret, { namespace, name }: ObjectName, form: SecretForm, kind: LoginKind): Attached {
  const known = attached.get(secret) ?? new Map<string, Attached>()
  attached.set(secret, known)
  const key = `users/${kind}/${form}/${namespace}/${name}`
  const before = known.get(key)
  if (before !== undefined) return before
  const reading = readUsers(secret, form, kind)
  const users = reading.ok ? reading.users : {}
  const made: Attached = { reading, named: { key, attachment: { kind: 'users', users } } }
  known.set(key, made)
  return made
}
