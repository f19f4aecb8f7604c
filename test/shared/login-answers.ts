import { byteAt, lower } from '#bytes'
import type { UsersAttachment } from '../../src/model/attachment.js'
import type { Table } from '../../src/model/table.js'
import { basic, digest, stripBasic } from '../../src/features/basic-auth/edge.js'
import { readFields } from '../../src/features/basic-auth/digest-fields.js'
import { isFresh, makeNonce } from '../../src/features/basic-auth/nonce.js'
import { addUse } from '../../src/request/nonce-uses.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Passage } from '../../src/request/passage.js'
import type { ActingPort } from '../../src/request/port.js'
import { isSameText } from '../../src/request/same-text.js'

/** Logins, as answers.ts has it. Digests of the port are no more than copies, which both runtimes can make. */
export function answerFields(_table: Table, text: string): string {
  const read = readFields(text)
  if (read === undefined) return 'none'
  return [read.username, read.realm, read.nonce, read.uri, read.response, read.nc, read.cnonce].join('|')
}

export function answerUses(_table: Table, counts: string): string {
  let uses: number | undefined
  let taken = ''
  for (let i = 0; i < counts.length; i++) {
    const next = addUse(uses, byteAt(counts, i) + 1)
    if (next !== undefined) uses = next
    taken = taken + (next === undefined ? '-' : '+')
  }
  return taken
}

export function answerSame(_table: Table, a: string, b: string): string {
  return isSameText(a, b) ? 'same' : 'other'
}

export function answerNonce(_table: Table, nonce: string, context: string): string {
  const port = portOf(undefined, { kind: 'users', users: {} })
  const made = makeNonce(context, port) ?? ''
  return `${made} ${isFresh(made, context, 10, port) ? 'fresh' : 'not'} ${isFresh(nonce, context, 10, port) ? 'fresh' : 'not'}`
}

/** `which`: `basic` or `digest`; `text` is the header, with what base64 would hide written plainly. */
export function answerLogin(_table: Table, which: string, header: string | undefined): string {
  const users = { ann: 'secret', '': 'x', 'ann:realm': 'ha1' }
  const port = portOf(header, { kind: 'users', users })
  const settings = { users: 'key', realm: 'realm' }
  // Of a passage these steps read their settings only.
  const passage = { route: { features: { basic: settings, digest: settings } } } as unknown as Passage
  const access = (which === 'basic' ? basic : digest).run(passage, port)
  const outcome = access === undefined || access === 'granted' ? 'granted' : `${access.status}`
  const headers = access === undefined || access === 'granted' ? [] : (access.headers ?? [])
  removed = ''
  stripBasic.run(passage, port)
  return [
    outcome,
    ...headers.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : value.join(', ')}`),
    removed,
  ].join('|')
}

let removed = ''

function portOf(header: string | undefined, users: UsersAttachment): ActingPort {
  return {
    ...createRequest({
      headers: header === undefined ? {} : { authorization: header },
      variables: { request_uri: '/x', request_method: 'GET', request_id: 'id' },
      now: 1_764_171_234.5,
      md5: (text) => lower(text),
    }),
    setHeader: () => undefined,
    setVariable: () => undefined,
    attachment: () => users,
    limitChoices: () => ({}),
    countRequest: () => 'within',
    holdConnection: () => 'within',
    awaitEnd: () => undefined,
    recordSpan: () => false,
    askService: () => ({ kind: 'none' }),
    keptAnswer: () => undefined,
    keepAnswer: () => undefined,
    credentials: () => header,
    hideCredentials: () => {
      removed = 'Authorization removed'
    },
    decodeBase64: (text) => text,
    checkPassword: (_queue, _user, password, hash) => (password === hash ? 'right' : 'wrong'),
    sign: (text) => `<${text}>`,
    useNonce: (_nonce, count) => (count === 1 ? 'first' : 'again'),
  }
}
