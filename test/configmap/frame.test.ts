import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepQuicKey } from '../../src/apply/quic-key.js'
import { writeProfileFiles } from '../../src/apply/profile-files.js'
import { prepareStateFolder, stateFolderAt, type StateFolder } from '../../src/apply/state-folder.js'
import { formatOf } from '../../src/apply/lua-format.js'
import { createFramePrinter, type FramePrinter } from '../../src/cli/serve/frame-printer.js'
import { keys } from '../../src/configmap/index.js'
import { ofAnswers, ofRequests, onTheWay } from '../../src/features/kinds/nginx-variables.js'
import { readKeys } from '../../src/configmap/read.js'
import { keepFallbackCertificate } from '../../src/controller/fallback-certificate.js'
import type { ConfigMap } from '../../src/snapshot/objects.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { testConfig } from '../edge/frame-engine.js'
import { theEngine } from '../support/engine.js'

const script = fileURLToPath(new URL('../../dist/streams/njs.js', import.meta.url))
const lua = fileURLToPath(new URL('../../dist/lua', import.meta.url))

const PORTS = [
  { protocol: 'tcp', port: 18_432, fromProxy: true, toProxy: true },
  { protocol: 'udp', port: 18_053, fromProxy: false, toProxy: false },
] as const

let folder: StateFolder
let print: FramePrinter

beforeAll(async () => {
  folder = stateFolderAt(mkdtempSync(join(tmpdir(), 'fairlead-keys-')))
  expect(prepareStateFolder(folder, undefined)).toBeUndefined()
  keepFallbackCertificate({ certificate: folder.fallbackCertificate, key: folder.fallbackKey }, Date.now())
  keepQuicKey(folder.quicKey)
  const flags = { httpPort: 18_080, httpsPort: 18_443, tableSize: 16 }
  const engine = await theEngine()
  writeFileSync(folder.streams.first, '{}')
  const streams = { modules: engine.streamModules ?? [], script, resolver: '127.0.0.1:10247' }
  const printed = createFramePrinter({
    flags,
    folder,
    engine,
    user: undefined,
    format: formatOf(lua),
    lua,
    ipv6: true,
    streams,
  })
  print = (choices, ...rest) => printed({ ...choices, streamPorts: PORTS }, ...rest)
})

afterAll(() => rmSync(folder.root, { recursive: true }))

const examples = Object.entries(keys).flatMap(([key, declared]) =>
  'example' in declared && declared.changes === 'frame' ? [[key, declared.example] as const] : [],
)

test('NGINX takes the frame with the example of every key, alone and together', async () => {
  const engine = await theEngine()
  const frames = [...examples.map(([key, example]) => ({ [key]: example })), Object.fromEntries(examples)]
  for (const data of frames) {
    const { frame, problems } = readKeys(configMap(data))
    // One of another machine's addresses could not be listened on here.
    writeProfileFiles(folder, [], frame.sslTicketKey === undefined ? [] : [frame.sslTicketKey])
    const text = print({ ...frame, ...(frame.addresses === undefined ? {} : { addresses: ['127.0.0.1'] }) }, 1, [])
    expect([data, problems, await testConfig(engine, dirname(folder.frame), text)]).toEqual([data, [], undefined])
  }
})

test('a text that tries to become configuration stays inside its argument, or is refused', () => {
  const attacks = [
    '";}',
    "'; return 200; #",
    '\\";',
    '{',
    '}',
    'a\nb',
    '$',
    '${',
    '\u0000',
    '#',
    '"$request"; access_log /etc/x',
  ]
  for (const [key] of examples) {
    for (const attack of attacks) {
      const { frame } = readKeys(configMap({ [key]: attack, 'use-gzip': 'true' }))
      const text = print(frame, 1, [])
      expect([key, attack, text.match(/^ *(return (?!\$fairlead_reply;)|access_log \/etc)/m)]).toEqual([
        key,
        attack,
        null,
      ])
    }
  }
})

test('NGINX takes a line with every variable that is known (LOGF-3)', async () => {
  const engine = await theEngine()
  const line = [
    ...ofRequests,
    ...onTheWay,
    ...ofAnswers,
    'http_x_a',
    'upstream_http_x_a',
    'cookie_a',
    'arg_a',
    'the_real_ip',
    'no_such_variable',
  ]
    .map((name) => `$${name}`)
    .join(' ')
  const { frame, problems } = readKeys(configMap({ 'log-format-upstream': line }))
  expect(problems.map(({ message }) => /\$\w+, which is not known here/.exec(message)?.[0])).toEqual([
    '$no_such_variable, which is not known here',
  ])
  expect(await testConfig(engine, dirname(folder.frame), print(frame, 1, []))).toBeUndefined()
})

function configMap(data: Readonly<Record<string, string>>): ConfigMap {
  const { object } = parseObject(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' }, data },
    undefined,
  )
  if (object?.kind !== 'ConfigMap') throw new Error('no ConfigMap')
  return object
}
