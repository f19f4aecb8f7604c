import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLookup, createNames, resolveName, type Names } from '../../src/sources/names/resolve.js'
import { startNameServer, type NameRecord, type NameServer } from '../support/name-server.js'
import { until } from '../serve/program.js'
import { follow, service, temporaryFolder, until as untilSource, write } from './folder.js'

let server: NameServer
const started: Names[] = []

beforeEach(async () => {
  server = await startNameServer()
})

afterEach(async () => {
  for (const names of started.splice(0)) names.stop()
  await server.stop()
})

const record = (type: NameRecord['type'], value: string, ttlSeconds = 60): NameRecord => ({ type, value, ttlSeconds })
const noRules = { search: [], ndots: 1 }

describe('SVC-6: a real name server', () => {
  test('A records, and no question for AAAA then', async () => {
    server.set('db.test', record('A', '192.0.2.1', 7), record('A', '192.0.2.2', 9), record('AAAA', '2001:db8::1'))
    const answer = await resolveName('db.test', noRules, createLookup([server.address]))
    expect(answer).toEqual({ kind: 'found', addresses: ['192.0.2.1', '192.0.2.2'], ttlSeconds: 7 })
    expect(server.asked).toEqual(['db.test A'])
  })

  test('AAAA where there is no A record', async () => {
    server.set('six.test', record('AAAA', '2001:db8::1', 5))
    const answer = await resolveName('six.test', noRules, createLookup([server.address]))
    expect(answer).toEqual({ kind: 'found', addresses: ['2001:db8::1'], ttlSeconds: 5 })
    expect(server.asked).toEqual(['six.test A', 'six.test AAAA'])
  })

  test('the address behind an alias', async () => {
    server.set('alias.test', record('CNAME', 'db.test'))
    server.set('db.test', record('A', '192.0.2.1'))
    const answer = await resolveName('alias.test', noRules, createLookup([server.address]))
    expect(answer).toMatchObject({ kind: 'found', addresses: ['192.0.2.1'] })
  })

  test('the search list, in its order, and the name itself first when it has enough dots', async () => {
    const rules = { search: ['shop.svc.test', 'svc.test'], ndots: 2 }
    const lookup = createLookup([server.address])
    server.set('db.svc.test', record('A', '192.0.2.3'))
    server.set('a.b.c', record('A', '192.0.2.4'))
    expect(await resolveName('db', rules, lookup)).toMatchObject({ addresses: ['192.0.2.3'] })
    expect(await resolveName('a.b.c', rules, lookup)).toMatchObject({ addresses: ['192.0.2.4'] })
    expect(server.asked).toEqual(['db.shop.svc.test A', 'db.shop.svc.test AAAA', 'db.svc.test A', 'a.b.c A'])
  })

  test('a name that does not exist, one without addresses, and a server that is not there are told apart', async () => {
    server.set('empty.test')
    const lookup = createLookup([server.address])
    expect(await resolveName('gone.test', noRules, lookup)).toEqual({ kind: 'none' })
    expect(await resolveName('empty.test', noRules, lookup)).toEqual({ kind: 'none' })
    await server.stop()
    expect(await resolveName('gone.test', noRules, lookup)).toEqual({ kind: 'failed' })
  })

  test('a new address counts when the TTL has run out, and a name that goes and comes is followed', async () => {
    const { seen } = followName('db.test', [record('A', '192.0.2.1', 1)])
    await until(() => Promise.resolve(seen.length === 1), 10_000)
    server.set('db.test', record('A', '192.0.2.2', 1))
    await until(() => Promise.resolve(seen.length === 2), 10_000)
    server.remove('db.test')
    await until(() => Promise.resolve(seen.length === 3), 10_000)
    server.set('db.test', record('A', '192.0.2.3', 3600))
    await until(() => Promise.resolve(seen.length === 4), 10_000)
    expect(seen).toEqual(['192.0.2.1', '192.0.2.2', undefined, '192.0.2.3'])
  })

  test('the last address stays while the server is dead, and a new one counts when it is back', {
    timeout: 60_000,
  }, async () => {
    const { seen, names } = followName('db.test', [record('A', '192.0.2.1', 1)])
    await names.firstAnswers(10_000)
    const asked = server.asked.length
    await until(() => Promise.resolve(server.asked.length > asked), 10_000)
    await server.stop()
    const dead = createLookup([server.address])
    await until(async () => (await dead('db.test', 'A')).kind === 'failed', 20_000)
    expect(seen).toEqual(['192.0.2.1'])
    server.set('db.test', record('A', '192.0.2.2', 1))
    await server.restart()
    await until(() => Promise.resolve(seen.length === 2), 30_000)
    expect(seen).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  test('the addresses of a Service are in the snapshot, and follow the name', async () => {
    server.set('db.test', record('A', '192.0.2.1', 1))
    const folder = temporaryFolder()
    write(join(folder, 'db.yaml'), service('db', '{type: ExternalName, externalName: db.test.}'))
    const { source } = await follow(folder, { lookup: createLookup([server.address]) })
    expect([...source.current().snapshot.resolved]).toEqual([['db.test.', ['192.0.2.1']]])
    server.set('db.test', record('A', '192.0.2.2', 1))
    await untilSource(source, ({ snapshot }) => snapshot.resolved.get('db.test.')?.[0] === '192.0.2.2')
  })
})

function followName(name: string, records: readonly NameRecord[]) {
  server.set(name, ...records)
  const seen: (string | undefined)[] = []
  const names = createNames({
    rules: noRules,
    lookup: createLookup([server.address]),
    onAddresses: (_, addresses) => seen.push(addresses?.join()),
  })
  started.push(names)
  names.want(new Set([name]))
  return { seen, names }
}
