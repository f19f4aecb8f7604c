import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFileSink } from './file-sink.js'
import { createOutage } from './outage.js'
import { createSwitchingSink } from './switch.js'
import { syslogMessage } from './syslog-message.js'
import { createSyslogSink } from './syslog-sink.js'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-sinks-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('messages of syslog', () => {
  const now = new Date(2026, 10, 6, 8, 9, 10)

  test.each([
    ['a line of the access log', 'a "GET /" 200', '<190>Nov  6 08:09:10 node nginx: a "GET /" 200'],
    [
      'an error',
      '2026/11/06 08:09:10 [error] 1#1: x',
      '<187>Nov  6 08:09:10 node nginx: 2026/11/06 08:09:10 [error] 1#1: x',
    ],
    ['a word in a request', 'GET /[error] x', '<190>Nov  6 08:09:10 node nginx: GET /[error] x'],
    ['bytes', 'caf\u00c3\u00a9', '<190>Nov  6 08:09:10 node nginx: café'],
  ])('%s', (_fact, line, message) => {
    expect(syslogMessage(line, 'node', now).toString()).toBe(message)
  })

  test('a long line fits into a datagram', () => {
    expect(syslogMessage('a'.repeat(100_000), 'node', now)).toHaveLength(8_000)
  })
})

describe('outages', () => {
  test('each is told once, and its end; what fails now and then is one', () => {
    const told: string[] = []
    let time = 0
    const outage = createOutage({ began: (why) => told.push(why), ended: () => told.push('over') }, 10, () => time)
    outage.worked()
    for (const [at, why] of [
      [1, 'one'],
      [2, ''],
      [3, 'again'],
      [12, ''],
      [13, ''],
      [14, ''],
      [20, 'two'],
      [30, ''],
    ] as const) {
      time = at
      if (why === '') outage.worked()
      else outage.failed(why)
    }
    expect(told).toEqual(['one', 'over', 'two', 'over'])
  })

  test('a name that syslog cannot resolve is told at each outage, also where it is the same address then', {
    timeout: 90_000,
  }, async () => {
    const said: string[] = []
    let asked = 0
    const sink = createSyslogSink(
      'syslog.test',
      9,
      (level, sentence) => void said.push(`${level} ${sentence.slice(sentence.indexOf(': ') + 2)}`),
      (_, done) => {
        asked++
        const isKnown = asked === 2
        setImmediate(() => (isKnown ? done(null, '127.0.0.1', 4) : done(new Error('nobody knows it'), '', 0)))
      },
      { found: 1, missing: 1 },
    )
    try {
      await expect.poll(() => asked, { timeout: 60_000 }).toBeGreaterThan(5)
      expect(said).toEqual([
        'warn its name cannot be resolved (nobody knows it)',
        'info its name can be resolved again',
        'warn its name cannot be resolved (nobody knows it)',
      ])
    } finally {
      sink.close()
    }
  })
})

describe('a switch', () => {
  /** Takes so many bytes at once. */
  const sink = (most = 1_000) => {
    const state = { text: '', isClosed: false, most }
    return {
      state,
      write(bytes: Buffer) {
        const count = Math.min(bytes.length, state.most)
        state.text += bytes.subarray(0, count).toString()
        return count
      },
      close: () => void (state.isClosed = true),
    }
  }
  const writeAll = (to: { write(bytes: Buffer): number }, text: string): void => {
    for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(to.write(rest))
  }

  test('a line stays whole, and goes on where it began', () => {
    const [a, b] = [sink(3), sink()]
    const switching = createSwitchingSink(a)
    switching.write(Buffer.from('one'))
    switching.to(b)
    writeAll(switching, ' two\nthree\n')
    expect([a.state.text, b.state.text, a.state.isClosed]).toEqual(['one two\n', 'three\n', true])
  })

  test('a reader that has stopped in a line keeps nobody from going on', () => {
    const [a, b] = [sink(), sink()]
    const switching = createSwitchingSink(a)
    switching.write(Buffer.from('one'))
    a.state.most = 0
    switching.to(b)
    writeAll(switching, ' two\nthree\n')
    expect(b.state.text).toBe('three\n')
  })

  test('of two changes in one line the last one counts, and the other is closed', () => {
    const [a, b, c] = [sink(), sink(), sink()]
    const switching = createSwitchingSink(a)
    switching.write(Buffer.from('one'))
    switching.to(b)
    switching.to(c)
    writeAll(switching, '\ntwo\n')
    expect([b.state.isClosed, b.state.text, c.state.text]).toEqual([true, '', 'two\n'])
  })
})

describe('a file', () => {
  test('it is made, goes on at its end, and is begun anew when it was put aside', () => {
    const path = join(folder, 'access.log')
    const first = createFileSink(path, () => undefined)
    first.write(Buffer.from('one\n'))
    first.close()
    const sink = createFileSink(path, () => undefined)
    sink.write(Buffer.from('two\n'))
    renameSync(path, `${path}.1`)
    sink.reopen()
    sink.write(Buffer.from('three\n'))
    sink.close()
    expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['one\ntwo\n', 'three\n'])
  })

  test('what cannot be written is not taken, which is said once; a link is not followed', () => {
    const said: string[] = []
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'))
    for (const path of [join(folder, 'missing', 'a.log'), join(folder, 'link'), folder]) {
      const sink = createFileSink(path, (sentence) => void said.push(sentence))
      expect([sink.write(Buffer.from('one\n')), sink.write(Buffer.from('one\n'))]).toEqual([0, 0])
    }
    expect(said.map((sentence) => sentence.includes('cannot be written'))).toEqual([true, true, true])
  })
})
