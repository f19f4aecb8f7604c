import { expect, test } from 'vitest'
import { guesses, knownFormats, parseFormat, type LogFormat } from './formats.js'
import { compileParser, guessFormat, joinParsers } from './parser.js'
import { createRecord, type LogRecord } from './record.js'

const NOW = Date.UTC(2026, 10, 26, 12)

function read(format: LogFormat, line: string): Partial<LogRecord> | undefined {
  const record = createRecord()
  if (!compileParser(format, () => NOW)(line, record)) return undefined
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== '' && !Number.isNaN(value)))
}

const STANDARD =
  '192.0.2.7 - ann [26/Nov/2026:13:00:01 +0100] "GET /cart/7?x=1 HTTP/2.0" 200 512 "-" "Mozilla/5.0 (X11)" 431 0.025 [default-shop-80] [] 10.0.0.1:8080 512 0.024 200 5b1f'

test('the usual line gives all of its fields (LOGF-2)', () => {
  expect(read(parseFormat('ingress-nginx'), STANDARD)).toEqual({
    time: NOW + 1_000,
    client: '192.0.2.7',
    user: 'ann',
    method: 'GET',
    uri: '/cart/7?x=1',
    protocol: 'HTTP/2.0',
    status: 200,
    bytesSent: 512,
    userAgent: 'Mozilla/5.0 (X11)',
    requestBytes: 431,
    seconds: 0.025,
    service: 'default-shop-80',
    upstreamAddress: '10.0.0.1:8080',
    upstreamBytes: '512',
    upstreamSeconds: 0.024,
    upstreamStatus: '200',
    requestId: '5b1f',
  })
})

test("ACK's line of 21 fields gives the host and the alternative; those of older controllers are read too (ack.md 4.2)", () => {
  const short =
    '192.0.2.7 - [192.0.2.7] - - [26/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 502 0 "http://a.test/" "curl/8" 80 1.002 [default-one-80] 10.0.0.1:80, 10.0.0.2:80 0, 0 0.500, 0.502 502, 504 abc'
  const lines = [`${short} shop.test [default-two-80]`, `${short} shop.test`, short]
  expect(lines.map((line) => guessFormat([line], guesses)?.name)).toEqual(['ack', 'ack-20', 'ack-19'])
  expect(read(parseFormat('ack'), lines[0] ?? '')).toMatchObject({
    host: 'shop.test',
    service: 'default-one-80',
    alternative: 'default-two-80',
    upstreamAddress: '10.0.0.1:80, 10.0.0.2:80',
    upstreamSeconds: 1.002,
    upstreamStatus: '504',
    requestId: 'abc',
  })
})

test('lists of tries and of internal redirects are one value: times are added up, the last status counts', () => {
  const line = STANDARD.replace(
    '10.0.0.1:8080 512 0.024 200',
    '10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 0, 1 : 2 0.001, - : 0.002 502, - : 201',
  )
  expect(read(parseFormat('ingress-nginx'), line)).toMatchObject({
    upstreamAddress: '10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80',
    upstreamSeconds: 0.003,
    upstreamStatus: '201',
    requestId: '5b1f',
  })
})

test('escapes of NGINX and of JSON are undone, and an escaped quote ends no value (LOGF-4)', () => {
  const agent = STANDARD.replace('Mozilla/5.0 (X11)', String.raw`a\x22b\x5C\xC3\xA9`)
  expect(read(parseFormat('ingress-nginx'), agent)?.userAgent).toBe('a"b\\Ã©')
  const json = parseFormat(
    '{"t":"$time_iso8601","s":$status,"ua":"$http_user_agent","d":"$request_time","h":"$host"}',
    'json',
  )
  expect(read(json, String.raw`{"t":"2026-11-26T12:00:00+00:00","s":404,"ua":"a\"b\\","d":"","h":"A.test"}`)).toEqual({
    time: NOW,
    status: 404,
    userAgent: 'a"b\\',
    host: 'a.test',
  })
})

test('a format without a time has that of its reading; one without a status is of no use', () => {
  expect(read(parseFormat('$status $request_uri'), '200 /x')).toEqual({ time: NOW, status: 200, uri: '/x' })
  expect(read(parseFormat('$request_uri'), '/x')).toBeUndefined()
})

test('what is no request line is kept as the path', () => {
  const line = STANDARD.replace('GET /cart/7?x=1 HTTP/2.0', String.raw`\x16\x03\x01`)
  expect(read(parseFormat('ingress-nginx'), line)).toMatchObject({ uri: '\u0016\u0003\u0001', status: 200 })
})

test.each([
  ['half a line', STANDARD.slice(0, 90)],
  ['a line with more behind it in another place', STANDARD.replace('"GET', 'GET')],
  ['a status that is none', STANDARD.replace(' 200 512 "', ' 2x0 512 "')],
  ['a time that is none', STANDARD.replace('26/Nov/2026', '26/Now/2026')],
  ['a negative duration', STANDARD.replace(' 0.025 ', ' -0.025 ')],
  ['bytes', '\u0000\u0001\u0002\u00ff'],
  ['nothing', ''],
])('%s is refused', (_, line) => {
  expect(read(parseFormat('ingress-nginx'), line)).toBeUndefined()
})

test('two variables without a text between them have no end, so that nothing is read', () => {
  expect(read(parseFormat('$status$request_uri'), '200/x')).toBeUndefined()
})

test('a log whose format changes on the way is read with both', () => {
  const parsers = [knownFormats['ingress-nginx'], knownFormats.combined].map((text) =>
    compileParser(parseFormat(text), () => NOW),
  )
  const parse = joinParsers(parsers)
  const record = createRecord()
  const combined = STANDARD.slice(0, STANDARD.indexOf(' 431'))
  expect([STANDARD, combined, combined, STANDARD, 'x'].map((line) => parse(line, record))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ])
})
