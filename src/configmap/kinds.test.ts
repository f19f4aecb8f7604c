import { describe, expect, test } from 'vitest'
import { readKeys } from './read.js'
import { seconds } from './kinds.js'

describe('times as NGINX has them, in whole seconds', () => {
  test.each([
    ['0', 0],
    ['90', 90],
    ['90s', 90],
    ['10m', 600],
    ['1h30m', 5400],
    ['1h 30m', 5400],
    ['1d2h3m4s5ms', 93_785],
    ['1h30', 3630],
    ['100ms', 1],
    ['0ms', 0],
    ['1000ms', 1],
  ])('%s', (text, value) => expect(seconds.parse(text)).toEqual({ ok: true, value }))

  test.each(['', ' ', 's', '-1', '1.5h', '1x', '30m1h', '1h1h', '1 0', '10mm', '1h;', '99999999'])('not %j', (text) => {
    expect(seconds.parse(text).ok).toBe(false)
  })
})

describe('keys that take what ingress-nginx takes', () => {
  const read = (data: Readonly<Record<string, string>>): ReturnType<typeof readKeys> =>
    readKeys({ data } as unknown as Parameters<typeof readKeys>[0])

  test.each([
    ['ssl-ecdh-curve', 'x25519:PRIME256V1', 'X25519:prime256v1'],
    ['forwarded-for-header', 'Client_Address', 'Client_Address'],
    ['max-worker-open-files', '1024', 1024],
  ] as const)('%s: %s', (name, text, value) => {
    const { values, problems } = read({ [name]: text })
    expect(values[name]).toBe(value)
    expect(problems).toEqual([])
  })

  test('a max-worker-open-files that is too small is said', () => {
    expect(read({ 'max-worker-open-files': '1000' })).toMatchObject({ frame: {}, problems: [{ kind: 'unreadable' }] })
  })

  test('a ssl-reject-handshake that cannot be read refuses', () => {
    const { values, problems } = read({ 'ssl-reject-handshake': 'ture' })
    expect(values['ssl-reject-handshake']).toBe(true)
    expect(problems[0]?.message).toContain('handshakes for names that are no host are refused')
  })
})
