import { oneOf, openEntry, TEXT, textOf, textsOf, wholeOf, isMap, type Complain, type Entry } from './entry.js'
import type { Channel, EmailChannel, WebhookChannel } from './rule.js'

const KINDS = ['webhook', 'email', 'event'] as const

/**
 * Reads `{name, webhook: {…}}`, `{name, email: {…}}` or `{name, event: {}}`; what is wrong is complained of, and
 * undefined given.
 */
export function readChannel(
  entry: Entry,
  name: string,
  path: readonly (string | number)[],
  complain: Complain,
): Channel | undefined {
  const kinds = KINDS.filter((kind) => entry.has(kind))
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) entry.refuse('', `A channel is exactly one of ${KINDS.join(', ')}.`)
  let channel: Channel | undefined
  for (const each of KINDS) {
    const map = entry.read(
      each,
      (value) => (isMap(value) || value === null ? (value ?? new Map()) : undefined),
      'a mapping',
    )
    if (map === undefined || each !== kind) continue
    const inside = openEntry(map, `channel "${name}"`, [...path, each], complain)
    channel = readKind(each, inside, name)
    if (!inside.end()) channel = undefined
  }
  return entry.end() ? channel : undefined
}

function readKind(kind: (typeof KINDS)[number], entry: Entry, name: string): Channel | undefined {
  switch (kind) {
    case 'webhook':
      return readWebhook(entry, name)
    case 'email':
      return readEmail(entry, name)
    case 'event':
      return { kind: 'event', name }
  }
}

const FILE = 'the name of a file in the folder of --alert-secrets, without a slash'

function readWebhook(entry: Entry, name: string): WebhookChannel | undefined {
  const url = entry.read('url', webhookUrlOf, 'a URL that begins with https:// or http:// and has no user in it')
  const file = entry.read('urlFile', fileOf, FILE)
  const secretFile = entry.read('secretFile', fileOf, FILE)
  const caFile = entry.read('caFile', fileOf, FILE)
  const format =
    entry.read('format', oneOf(['json', 'slack', 'dingtalk'] as const), 'one of json, slack, dingtalk') ?? 'json'
  if (entry.has('url') === entry.has('urlFile')) {
    entry.refuse('', 'A webhook has either url or urlFile, which names a file with the URL.')
    return undefined
  }
  const rest: Omit<WebhookChannel, 'url'> = {
    kind: 'webhook',
    name,
    format,
    ...(secretFile === undefined ? {} : { secretFile }),
    ...(caFile === undefined ? {} : { caFile }),
  }
  if (url !== undefined) return { ...rest, url: { kind: 'given', url } }
  return file === undefined ? undefined : { ...rest, url: { kind: 'file', file } }
}

const SECURITIES = ['starttls', 'tls', 'none'] as const
const PORTS = { starttls: 587, tls: 465, none: 25 } as const

function readEmail(entry: Entry, name: string): EmailChannel | undefined {
  const host = entry.need('host', hostOf, 'the name or the address of an SMTP server')
  const security = entry.read('security', oneOf(SECURITIES), `one of ${SECURITIES.join(', ')}`) ?? 'starttls'
  const port = entry.read('port', wholeOf(1, 65_535), 'a port from 1 to 65535') ?? PORTS[security]
  const user = entry.read('user', textOf, TEXT)
  const passwordFile = entry.read('passwordFile', fileOf, FILE)
  const caFile = entry.read('caFile', fileOf, FILE)
  const from = entry.need('from', addressOf, 'an address such as alerts@example.com')
  const to = entry.need('to', addressesOf, 'an address, or a list of at most 50')
  if (entry.has('user') !== entry.has('passwordFile'))
    entry.refuse('', 'user and passwordFile go together; without both nobody logs in.')
  if (security === 'none' && user !== undefined)
    entry.refuse('security', 'security cannot be none with a user: the password would be readable on the way.')
  if (host === undefined || from === undefined || to === undefined) return undefined
  return {
    kind: 'email',
    name,
    host,
    port,
    security,
    from,
    to,
    ...(user === undefined || passwordFile === undefined ? {} : { login: { user, passwordFile } }),
    ...(caFile === undefined ? {} : { caFile }),
  }
}

/** `http:` or `https:`; the user and password that a URL may have would be in every message of a library. */
export function webhookUrlOf(value: unknown): string | undefined {
  const text = textOf(value)
  if (text === undefined || !URL.canParse(text)) return undefined
  const { protocol, username, password, hostname } = new URL(text)
  const isUsable = (protocol === 'https:' || protocol === 'http:') && hostname !== ''
  return isUsable && username === '' && password === '' ? text : undefined
}

/** Not a path: who may write rules may not have any file of the controller sent to a server of their own. */
function fileOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && /^[A-Za-z0-9_-][\w.-]{0,252}$/.test(text) ? text : undefined
}

function hostOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && /^[\w.:-]{1,253}$/.test(text) ? text : undefined
}

/** Nothing that could be a second address, a comment or a header. */
function addressOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,253}$/.test(text) ? text : undefined
}

function addressesOf(value: unknown): readonly string[] | undefined {
  const texts = textsOf(value) ?? []
  const addresses = texts.flatMap((text) => addressOf(text) ?? [])
  return addresses.length === texts.length && texts.length > 0 ? addresses : undefined
}
