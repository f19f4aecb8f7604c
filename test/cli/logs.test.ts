import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { gzipSync } from 'node:zlib'
import { Command, CommanderError } from 'commander'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addLogs } from '../../src/cli/logs.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
let folder = ''

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fairlead-logs-'))))
afterEach(() => rmSync(folder, { recursive: true }))
// The command keeps its heap small; other files of tests go on in this process.
afterAll(() => setFlagsFromString('--heap-growing-percent=0'))

interface Said {
  readonly code: number | string | undefined
  readonly out: string
  readonly err: string
}

/** The command, within this process: starting a hundred takes its time. */
async function logs(...words: readonly string[]): Promise<Said> {
  let out = ''
  let err = ''
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true)),
  ]
  const before = process.exitCode
  const listeners = process.stdout.listeners('error')
  process.exitCode = 0
  try {
    const program = new Command('fairlead').exitOverride((error) => {
      throw error
    })
    addLogs(program)
    for (const command of program.commands[0]?.commands ?? []) command.exitOverride()
    await program.parseAsync(['logs', ...words], { from: 'user' })
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause
    process.exitCode = 2
  }
  const code = process.exitCode
  process.exitCode = before
  process.stdout.removeAllListeners('error')
  for (const listener of listeners) process.stdout.on('error', listener as (cause: Error) => void)
  for (const spy of spies) spy.mockRestore()
  return { code, out, err }
}

async function rowsOf(...words: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { out, err } = await logs(...words, '--json')
  expect(err).toBe('')
  return (JSON.parse(out) as { rows: readonly Readonly<Record<string, unknown>>[] }).rows // what the command prints
}

/** A line of ACK's format. */
function line(i: number, { path = `/p/${i % 3}`, status = 200, alternative = '', agent = 'curl/8.5.0' } = {}): string {
  const time = `26/Nov/2026:12:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} +0000`
  return `192.0.2.${i % 9} - [192.0.2.${i % 9}] - - [${time}] "GET ${path} HTTP/1.1" ${status} 100 "-" "${agent}" 80 0.0${i % 10} [ns-one-80] 10.0.0.1:80 100 0.010 ${status} id${i} shop.test [${alternative}]\n`
}

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/u

const many = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('')

test('top counts what fits, of plain and packed files, in a format that it finds out', async () => {
  const plain = file(
    'a.log',
    many(300, (i) => line(i, i % 10 === 0 ? { status: 503 } : {})),
  )
  const packed = file('b.log.gz', gzipSync(many(60, (i) => line(i, { path: '/q?x=1' }))))
  expect(await rowsOf('top', plain, packed, '--by', 'path', '--figures', 'requests,serverErrors')).toEqual([
    { path: '/p/0', requests: 100, serverErrors: 10 },
    { path: '/p/1', requests: 100, serverErrors: 10 },
    { path: '/p/2', requests: 100, serverErrors: 10 },
    { path: '/q', requests: 60, serverErrors: 0 },
  ])
  const asked = ['top', plain, '--by', 'host,status', '--where', 'status>=500 and path~/p/*', '--figures', 'requests']
  expect(await rowsOf(...asked)).toEqual([{ host: 'shop.test', status: '503', requests: 30 }])
  const table = (await logs('top', packed, '--since', '10s')).out
  expect(table).toBe(
    'requests  errorShare  serverErrorShare  latencyAverage  bytesSent  path\n      10       0.00%             0.00%            45ms     1.0 kB  /q\n',
  )
})

test('compare tells what two services did, the alternative one by what it served (ack.md 5.4)', async () => {
  const path = file(
    'a.log',
    many(100, (i) => line(i, i < 20 ? { alternative: 'ns-two-80', status: i < 5 ? 500 : 200 } : {})),
  )
  const { out } = await logs('compare', path, '--a', 'ns-one-80', '--b', 'ns-two-80', '--json')
  expect((JSON.parse(out) as { figures: unknown }).figures).toMatchObject({
    requests: { a: 80, b: 20 },
    serverErrorShare: { a: 0, b: 0.25 },
    bytesSent: { a: 8_000, b: 2_000 },
  })
  expect((await logs('compare', path, '--a', 'ns-one-80', '--b', 'x')).err).toContain('There is no request of x.')
})

test('texts of clients are no escape sequence, no formula and no HTML of ours', async () => {
  const hostile = String.raw`=1+1\x1B[31m\xC2\x9B2J\xE2\x80\xAE<b>`
  const path = file(
    'a.log',
    many(3, (i) => line(i, { path: `/${hostile}`, agent: hostile })),
  )
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  for (const form of [[], ['--json'], ['--csv']])
    for (const words of [
      ['top', path],
      ['top', path, '--by', 'browser'],
      ['tail', path],
    ])
      expect((await logs(...words, ...form)).out).not.toMatch(CONTROLS)
  const byUri = (await logs('tail', file('b.log', '200 =1+1 x\n'), '--format', '$status $request_uri $host', '--csv'))
    .out
  expect(byUri.split('\r\n')[1]).toContain("200,,x,'=1+1,")
})

test('tail shows the last that fit', async () => {
  const path = file(
    'a.log',
    many(50, (i) => line(i, { status: i % 5 === 0 ? 404 : 200 })),
  )
  const { out } = await logs('tail', path, '-n', '2', '--where', 'status=404', '--json')
  expect(
    out
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as unknown),
  ).toMatchObject([
    { requestId: 'id40', status: 404, host: 'shop.test' },
    { requestId: 'id45', time: '2026-11-26T12:00:45.000Z' },
  ])
  expect((await logs('tail', path, '-n', '1')).out).toBe(line(49))
})

describe.each([
  ['of lines', 'lines/lines-000001.duckdb', []],
  ['of roll-ups', 'roll-ups.ndjson', ['--no-raw']],
])('import into a folder %s', (_, kept, how) => {
  const requests = (store: string): Promise<unknown> =>
    rowsOf('top', '--store', store, '--by', 'host', '--figures', 'requests,visitors')

  test('reads on where it ended, under another name as well, and says what it could not read', async () => {
    const store = join(folder, 'store')
    const path = file(
      'a.log',
      many(200, (i) => line(i)),
    )
    expect(await logs('import', path, '--store', store, ...how)).toMatchObject({
      code: 0,
      out: `${path}: 200 requests\n`,
    })
    appendFileSync(path, `${many(20, (i) => line(i + 200))}nonsense\u0000\n`)
    const again = await logs('import', path, '--store', store)
    expect([again.code, again.out]).toEqual([0, expect.stringMatching(/: 20 requests, from byte \d+ on/)])
    expect(again.err).toContain('1 of 21 lines are not of the format and do not count; the last: nonsense\\x00')
    const moved = file('a.log.1', readFileSync(path))
    const packed = file('other.log.gz', gzipSync(many(10, (i) => line(i, { path: '/packed' }))))
    expect((await logs('import', moved, packed, packed, '--store', store)).out.match(/: \d+ requests/g)).toEqual([
      ': 0 requests',
      ': 10 requests',
      ': 0 requests',
    ])
    expect(await requests(store)).toEqual([{ host: 'shop.test', requests: 230, visitors: 9 }])
  })

  test('a packed file that is cut off gives what it has; a broken store is put aside; a file of bytes is refused', async () => {
    const store = join(folder, 'store')
    const whole = gzipSync(many(5_000, (i) => line(i, { path: `/${i}${'x'.repeat(i % 100)}` })))
    const cut = await logs('import', file('cut.gz', whole.subarray(0, whole.length / 2)), '--store', store, ...how)
    expect([cut.code, cut.err]).toEqual([2, expect.stringContaining('cannot be read to its end')])
    expect(Number(/: (\d+) requests/.exec(cut.out)?.[1])).toBeGreaterThan(1_000)

    truncateSync(join(store, kept), 5_000)
    const path = file(
      'a.log',
      many(7, (i) => line(i)),
    )
    const anew = await logs('import', path, '--store', store, ...how)
    expect([anew.code, anew.err]).toEqual([0, expect.stringContaining('it is kept as')])
    expect(readdirSync(dirname(join(store, kept))).filter((name) => name.includes('broken')).length).toBe(1)
    expect(await requests(store)).toEqual([{ host: 'shop.test', requests: 7, visitors: 7 }])

    const binary = file('binary', Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7) % 256)))
    expect(await logs('import', binary, '--store', join(folder, 'no'), ...how)).toMatchObject({
      code: 2,
      err: expect.stringContaining('No line could be read; --format says how the lines are made.') as string, // a matcher
    })
  })
})

test('of imported lines every question is answered, and a request is found', async () => {
  const store = join(folder, 'store')
  const path = file(
    'a.log',
    many(90, (i) => line(i)),
  )
  await logs('import', path, '--store', store)
  const asked = ['top', '--store', store, '--by', 'client,path', '--figures', 'requests,visitors', '--limit', '1']
  expect(await rowsOf(...asked)).toEqual([{ client: '192.0.2.0', path: '/p/0', requests: 10, visitors: 1 }])
  const { out } = await logs('find', '--store', store, '--request-id', 'id44', '--json')
  expect(JSON.parse(out)).toMatchObject({ time: '2026-11-26T12:00:44.000Z', uri: '/p/2', service: 'ns-one-80' })
  const absent = await logs('find', '--store', store, '--request-id', 'id90')
  expect([absent.code, absent.err]).toEqual([2, 'fairlead: The lines that are kept have no request "id90".\n'])
})

test.each([
  [['find', '--request-id', 'x'], 'Name --state-dir DIR of a controller that runs, or --store DIR'],
  [['find', '--request-id', 'x', '--store', 'absent'], 'absent/lines holds no lines'],
  [['import', 'x', '--store', 'y', '--geoip', 'absent.mmdb'], '--geoip: absent.mmdb cannot be read'],
  [['top', '--where', 'stat=1', 'x'], 'There is no "stat" to compare'],
  [['top', 'absent.log'], 'absent.log cannot be read: ENOENT'],
  [['top'], 'Name files of a log, --store DIR'],
  [['top', '--store', 'absent'], 'absent holds no imported log'],
  [['top', '--state-dir', '/absent'], 'No controller with log analytics answers in /absent'],
  [['top', '--by', 'nothing', 'x'], 'There is no "nothing" to tell apart.'],
  [['top', '--figures', 'p99', 'x'], 'There is no figure "p99".'],
  [['top', '--sinc', 'x'], "unknown option '--sinc'"],
])('%j is refused with a sentence', async (words, sentence) => {
  const { code, err } = await logs(...words)
  expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
})

test('the program has the command', () => {
  const path = file(
    'a.log',
    many(3, (i) => line(i)),
  )
  const words = [bin, 'logs', 'top', path, '--by=host', '--csv', '--figures=requests']
  expect(spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout).toBe('host,requests\r\nshop.test,3\r\n')
})
