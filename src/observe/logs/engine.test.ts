import { expect, test } from 'vitest'
import { createLogEngine } from './engine.js'
import { parseFormat } from './formats.js'
import { LONGEST_LINE } from './lines.js'
import { parseWhere } from './where.js'

const NOW = Date.UTC(2026, 10, 26, 12)
const engineOf = (format = 'common') => createLogEngine({ formats: [parseFormat(format)], now: () => NOW })

function line(uri: string, time = '26/Nov/2026:12:00:00 +0000'): string {
  return `192.0.2.7 - - [${time}] "GET ${uri} HTTP/1.1" 200 5\n`
}

test('pieces of any size make the same lines; invalid UTF-8 is shown as such', () => {
  const bytes = Buffer.concat([
    Buffer.from(line('/ü')),
    Buffer.from(line('/b').replace('/b', '/\u00ff'), 'latin1'),
    Buffer.from(line('/c').replace('\n', '\r\n')),
    Buffer.from(line('/d').slice(0, -1)),
  ])
  for (const size of [1, 7, 64, 1_000]) {
    const engine = engineOf()
    for (let at = 0; at < bytes.length; at += size) engine.read(bytes.subarray(at, at + size))
    expect(engine.recent([], 10).length).toBe(3)
    engine.end()
    expect(engine.recent([], 10).map(({ uri }) => uri)).toEqual(['/d', '/c', '/\ufffd', '/ü'])
  }
})

test('lines that no format fits, binary ones and those of a megabyte are counted, with samples that are bounded', () => {
  const engine = engineOf()
  engine.read(Buffer.from([0, 1, 2, 255, 10]))
  for (let i = 0; i < 20; i++) engine.read(Buffer.from(`nonsense ${i}\n`))
  engine.read(Buffer.from(line('/a')))
  const megabyte = Buffer.alloc(1_048_576, 'x')
  for (let at = 0; at < megabyte.length; at += 65_536) engine.read(megabyte.subarray(at, at + 65_536))
  engine.read(Buffer.from(`x\n${line('/b')}`))
  const { records, unparsable, unparsableSamples } = engine.status()
  expect([records, unparsable, unparsableSamples.length]).toEqual([2, 22, 5])
  expect(unparsableSamples.every((sample) => sample.length <= 300)).toBe(true)
  expect(LONGEST_LINE).toBeLessThan(megabyte.length)
})

test('after lines that were given up, half a line is not taken for one', () => {
  const engine = engineOf()
  engine.read(Buffer.from(line('/a') + line('/b').slice(0, 30)))
  engine.skip(17)
  engine.read(Buffer.from(line('/c').slice(30) + line('/d')))
  expect([engine.recent([], 9).map(({ uri }) => uri), engine.status()]).toEqual([
    ['/d', '/a'],
    expect.objectContaining({ records: 2, unparsable: 0, lost: 17 }),
  ])
})

test('a line from the far future counts for now', () => {
  const engine = engineOf()
  engine.read(Buffer.from(line('/a', '26/Nov/2099:12:00:00 +0000') + line('/b', '26/Nov/2026:12:30:00 +0000')))
  expect(engine.status()).toMatchObject({ misdated: 1, oldest: NOW, newest: NOW + 1_800_000 })
})

test('lines of the format before still come after a change of it', () => {
  const engine = engineOf()
  engine.useFormat(parseFormat('$status $request_uri'))
  engine.read(Buffer.from(`200 /new\n${line('/old')}404 /new2\n`))
  expect([engine.status().unparsable, engine.recent([], 9).map(({ uri }) => uri)]).toEqual([
    0,
    ['/new2', '/old', '/new'],
  ])
})

test('the newest records are found by conditions and by request id', () => {
  const engine = engineOf('$status $host $req_id "$http_user_agent"')
  for (let i = 0; i < 10_000; i++)
    engine.read(Buffer.from(`${i % 2 === 0 ? 200 : 503} h${i % 3}.test id${i} "curl/8"\n`))
  const where = parseWhere('status>=500 and host="h1.test"')
  expect(where.ok && engine.recent(where.filter, 2).map(({ requestId }) => requestId)).toEqual(['id9997', 'id9991'])
  expect([engine.find('id9998')?.host, engine.find('id99'), engine.find('id2')]).toEqual([
    'h2.test',
    undefined,
    undefined,
  ])
})
