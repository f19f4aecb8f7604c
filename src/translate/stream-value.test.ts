import { expect, test } from 'vitest'
import { readStreamValue } from './stream-value.js'

test.each([
  ['a number', 'default/db:5432', 'tcp', 'default db 5432 false false'],
  ['a name, with blanks around', ' default/db:pg ', 'tcp', 'default db pg false false'],
  ['PROXY of clients (L4-2)', 'default/db:5432:PROXY', 'tcp', 'default db 5432 true false'],
  ['PROXY of both, in any case (L4-2)', 'default/db:5432:proxy:Proxy', 'tcp', 'default db 5432 true true'],
  ['PROXY to endpoints only (L4-2)', 'default/db:5432::PROXY', 'tcp', 'default db 5432 false true'],
  ['UDP', 'kube-system/dns:53', 'udp', 'kube-system dns 53 false false'],
  ['PROXY with UDP, which has no effect (L4-2)', 'a/b:53:PROXY', 'udp', 'a b 53 false false ignored'],
] as const)('reads %s', (_, text, protocol, expected) => {
  const read = readStreamValue(text, protocol)
  const words = read.ok ? [read.namespace, read.name, read.port, read.fromProxy, read.toProxy] : ['refused']
  expect([...words, ...(read.ok && read.ignored !== undefined ? ['ignored'] : [])].join(' ')).toBe(expected)
})

test.each([
  ['nothing', ''],
  ['no namespace', 'db:5432'],
  ['no port', 'default/db'],
  ['an empty port', 'default/db:'],
  ['another word', 'default/db:5432:TLS'],
  ['a third word', 'default/db:5432:PROXY:PROXY:PROXY'],
  ['what would end a directive', 'default/db:5432;}'],
  ['a line end', 'default/db:5432\n'.repeat(2)],
  ['capitals', 'Default/db:5432'],
])('refuses %s (L4-3)', (_, text) => {
  expect(readStreamValue(text, 'tcp')).toMatchObject({ ok: false, message: expect.stringContaining('is not') })
})
