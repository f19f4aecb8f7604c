import { expect, test } from 'vitest'
import { snapshotOf } from '../../test/cases/world-of-case.js'
import type { SettingsDocument } from '../model/documents.js'
import { SETTINGS_KEY } from '../model/keys.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

interface Outcome {
  readonly listens: boolean
  readonly alternative: string | undefined
  /** The sentences that say why not. */
  readonly said: readonly string[]
}

function read(
  data: Readonly<Record<string, string>>,
  { http3 = true, quicRefusal, previous }: { http3?: boolean; quicRefusal?: string; previous?: Translation } = {},
): Outcome & { readonly made: Translation } {
  const options = previous?.options ?? {
    ...defaultTranslateOptions,
    httpsPort: 8443,
    engine: { ...defaultTranslateOptions.engine, http3 },
  }
  const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0, quicRefusal }
  const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }
  const snapshot = previous?.snapshot ?? snapshotOf([{ kind: 'ConfigMap', metadata, data }])
  const made = translate(snapshot, options, surroundings, previous)
  const { alternative } = made.documents.get(SETTINGS_KEY) as SettingsDocument // the key's own kind
  return {
    listens: made.frame.http3 === true,
    alternative,
    said: made.problems.map(({ message }) => message),
    made,
  }
}

const ON = { 'use-http3': 'true' }

test('it is off, and clients are told nothing; written as false, they are told to forget it', () => {
  expect(read({})).toMatchObject({ listens: false, alternative: undefined, said: [] })
  expect(read({ 'use-http3': 'false' })).toMatchObject({ listens: false, alternative: 'clear', said: [] })
  expect(read({ 'use-http3': 'perhaps' })).toMatchObject({ listens: false, alternative: undefined })
})

test('it is on, and clients are told the port of HTTPS, or the one that they reach', () => {
  expect(read(ON)).toMatchObject({ listens: true, alternative: 'h3=":8443"; ma=3600', said: [] })
  expect(read({ ...ON, 'http3-port': '443' })).toMatchObject({ listens: true, alternative: 'h3=":443"; ma=3600' })
  expect(read({ ...ON, 'http3-port': '0' })).toMatchObject({ listens: true, alternative: 'h3=":8443"; ma=3600' })
})

test.each([
  ['an NGINX that cannot', ON, { http3: false }, '--with-http_v3_module'],
  ['PROXY headers', { ...ON, 'use-proxy-protocol': 'true' }, {}, 'QUIC knows no PROXY header'],
  ['a list without TLS 1.3', { ...ON, 'ssl-protocols': 'TLSv1.2' }, {}, 'ssl-protocols leaves out'],
  ['a port that is taken', ON, { quicRefusal: 'somebody has it' }, 'somebody has it'],
])('%s: there is none, and it is said', (_, data, surroundings, reason) => {
  const { listens, alternative, said } = read(data, surroundings)
  expect([listens, alternative, said.length]).toEqual([false, 'clear', 1])
  expect(said[0]).toContain('There is no HTTP/3: ')
  expect(said[0]).toContain(reason)
})

test('PROXY headers stay in force', () => {
  const { made } = read({ ...ON, 'use-proxy-protocol': 'true' })
  expect(made.frame.clientAddress?.proxyProtocol).toBe(true)
})

test('early data is off beside it, which is said', () => {
  const { listens, said, made } = read({ ...ON, 'ssl-early-data': 'true' })
  expect([listens, made.frame.sslEarlyData, said.length]).toEqual([true, false, 1])
  expect(said[0]).toContain('early data is off')
})

test('a port that comes to be free is followed, though no object changed', () => {
  const refused = read(ON, { quicRefusal: 'somebody has it' })
  const free = read(ON, { previous: refused.made })
  expect([refused.listens, free.listens]).toEqual([false, true])
  expect(read(ON, { previous: free.made }).made.frame).toBe(free.made.frame)
})
