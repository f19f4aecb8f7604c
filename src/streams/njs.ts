/**
 * What runs inside NGINX's stream module, in njs: where connections of TCP, UDP and passed-through TLS go. Read
 * docs/design/streams.md first. njs knows less than Node: no import, no `for … of`, no destructuring, no class.
 *
 * A record is `label fours sixes`: the name for the log, and the endpoints with IPv4 and IPv6 addresses, 12 and 36
 * hexadecimal digits each, address before port, in the order of their ports (`plan/stream-records.ts` writes them).
 */
interface Session {
  readonly variables: {
    readonly protocol?: string
    readonly server_port?: string
    readonly ssl_preread_server_name?: string
    /** Endpoints that a connection may try. */
    readonly fairlead_tries?: string
    fairlead_reply: string | Buffer
  }
  on(event: 'upload', take: (data: string, flags: { readonly last: boolean }) => void): void
  on(event: 'upstream', take: (data: Buffer, flags: { readonly last: boolean }) => void): void
  done(): void
  warn(message: string): void
}

declare const ngx: {
  readonly shared: {
    /** Records that were pushed; an empty one is none, whatever NGINX began with. */
    readonly fairlead_streams: {
      get(key: string): string | undefined
      set(key: string, value: string): void
      keys(most: number): readonly string[]
    }
    readonly fairlead_turns: { incr(key: string, by: number, from: number): number }
  }
}

/** The records as they were when NGINX read its file. */
declare const fairlead_first: Readonly<Record<string, string>>

const FOUR = 8
const SIX = 32
const PORT = 4

/** `js_set`: the endpoint for a connection to a port. Empty, which closes it, where there is none. */
function service(session: Session): string {
  return destination(session, portKey(session))
}

/** `js_set`: the endpoint for passed-through TLS. */
function passed(session: Session): string {
  return destination(session, nameKey(session))
}

/** `js_set`: who serves a TLS connection: `passed` on, or decrypted by our own `tls`. */
function whose(session: Session): string {
  return recordOf(nameKey(session)) === '' ? 'tls' : 'passed'
}

/** `js_set`: the name for the access log. */
function label(session: Session): string {
  const record = recordOf(portKey(session)) || recordOf(nameKey(session))
  return record.slice(0, record.indexOf(' '))
}

function portKey(session: Session): string {
  return `${(session.variables.protocol || '').toLowerCase()}:${session.variables.server_port || ''}`
}

function nameKey(session: Session): string {
  const name = (session.variables.ssl_preread_server_name || '').toLowerCase()
  return `sni:${name[name.length - 1] === '.' ? name.slice(0, -1) : name}`
}

function recordOf(key: string): string {
  const record = ngx.shared.fairlead_streams.get(key)
  return (record === undefined ? fairlead_first[key] : record) || ''
}

/**
 * An endpoint by turns, and those after it that a failed connection may try. NGINX tries several only if a name has
 * several addresses, so they are the name, and `resolve` reads them from it again.
 */
function destination(session: Session, key: string): string {
  const parts = recordOf(key).split(' ')
  const fours = parts[1] || ''
  const sixes = parts[2] || ''
  const four = FOUR + PORT
  const six = SIX + PORT
  const count = fours.length / four + sixes.length / six
  if (count === 0) return ''
  const tries = Math.min(Number(session.variables.fairlead_tries) || 1, count)
  const first = turn(session, key, count)
  const chosen: string[] = []
  let port = ''
  for (let step = 0; step < count && chosen.length < tries; step++) {
    const at = (first + step) % count
    const rest = at - fours.length / four
    const endpoint = rest < 0 ? fours.slice(at * four, (at + 1) * four) : sixes.slice(rest * six, (rest + 1) * six)
    const its = endpoint.slice(-PORT)
    // A name has one port. Endpoints of another one stand further on.
    if (step > 0 && its !== port) break
    port = its
    chosen.push(endpoint.slice(0, -PORT))
  }
  return `${chosen.length === 1 ? textOf(chosen[0] || '') : nameOf(chosen)}:${parseInt(port, 16)}`
}

function turn(session: Session, key: string, count: number): number {
  try {
    return ngx.shared.fairlead_turns.incr(key, 1, 0) % count
  } catch (cause) {
    session.warn(`no turn for ${key}, so it is left to chance: ${String(cause)}`)
    return Math.floor(Math.random() * count)
  }
}

function textOf(address: string): string {
  const groups: string[] = []
  const isFour = address.length === FOUR
  for (let at = 0; at < address.length; at += isFour ? 2 : 4) {
    groups.push(isFour ? `${parseInt(address.slice(at, at + 2), 16)}` : address.slice(at, at + 4))
  }
  return isFour ? groups.join('.') : `[${groups.join(':')}]`
}

function nameOf(addresses: readonly string[]): string {
  return `${addresses.map((address) => `x${address}`).join('.')}.endpoints.invalid`
}

/** `js_preread` of a server for DNS on this machine: the addresses that a name is made of (RFC 1035, RFC 3596). */
function resolve(session: Session): void {
  session.on('upstream', (query) => {
    session.variables.fairlead_reply = answerTo(query)
    session.done()
  })
}

const HEAD = 12
const TYPE_A = 1
const TYPE_AAAA = 28
const REFUSED = '8185'
const ANSWERED = '8180'

function answerTo(query: Buffer): Buffer {
  const labels: string[] = []
  let at = HEAD
  for (let length = query[at]; length !== undefined && length !== 0; length = query[at]) {
    labels.push(query.slice(at + 1, at + 1 + length).toString())
    at += 1 + length
  }
  const end = Math.min(at + 5, query.length)
  const type = (query[at + 1] || 0) * 256 + (query[at + 2] || 0)
  const length = type === TYPE_A ? FOUR : type === TYPE_AAAA ? SIX : -1
  const isOurs = labels.slice(-2).join('.').toLowerCase() === 'endpoints.invalid'
  const addresses = labels.slice(0, -2).filter((one) => one.length === length + 1)
  const records = isOurs ? addresses.map((one) => recordText(type, one.slice(1))) : []
  const head = `${isOurs ? ANSWERED : REFUSED}0001${digits(records.length)}00000000`
  return Buffer.concat([
    query.slice(0, 2),
    Buffer.from(head, 'hex'),
    query.slice(HEAD, end),
    Buffer.from(records.join(''), 'hex'),
  ])
}

/** Of the name of the question, class IN, good for an hour: what a name means never changes. */
function recordText(type: number, address: string): string {
  return `c00c${digits(type)}000100000e10${digits(address.length / 2)}${address}`
}

function digits(number: number): string {
  return `000${number.toString(16)}`.slice(-4)
}

/**
 * `js_preread` of the control socket. A message ends with a line of a dot: `keys`, or lines `key=record`. The answer is a
 * line `ok`, with the keys before it, or `failed` and why.
 */
function control(session: Session): void {
  let text = ''
  session.on('upload', (data, flags) => {
    // What was seen before comes again where the socket is only looked into.
    text = data.slice(0, text.length) === text ? data : text + data
    if (text.slice(-3) !== '\n.\n' && !flags.last) return
    session.variables.fairlead_reply = obey(text)
    session.done()
  })
}

const MOST_KEYS = 1000000

function obey(text: string): string {
  const lines = text.split('\n')
  if (lines[lines.length - 2] !== '.') return 'failed: the message was cut off\n'
  try {
    const streams = ngx.shared.fairlead_streams
    if (lines[0] === 'keys') return `${streams.keys(MOST_KEYS).concat(['ok']).join('\n')}\n`
    for (let i = 0; i < lines.length - 2; i++) {
      const line = lines[i] || ''
      const equals = line.indexOf('=')
      streams.set(line.slice(0, equals), line.slice(equals + 1))
    }
    return 'ok\n'
  } catch (cause) {
    return `failed: ${String(cause)}\n`
  }
}

export default { service, passed, whose, label, resolve, control }
