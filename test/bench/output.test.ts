import { describe, expect, test } from 'vitest'
import { parseH2load, parseH2loadLog, parseWrk } from '../../bench/load-output.js'
import { parseAccepts, parseCores, parseSchedstat, parseSmaps, parseStat } from '../../bench/proc-text.js'

describe('load generators', () => {
  test('wrk: what its script prints; an answer other than 2xx is a failure and no request', () => {
    const output =
      'Running 1s test\n  889 requests in 1.01s\n{"requests":889,"microseconds":1008835,"errors":2,"refused":9}\n'
    expect(parseWrk(output)).toEqual({ requests: 880, failures: 11 })
    expect(parseWrk('unable to connect')).toBeUndefined()
  })

  const summary = (failed: number, errored: number, codes: string): string =>
    `requests: 8011 total, 8024 started, 8011 done, 8000 succeeded, ${failed} failed, ${errored} errored, 0 timeout\nstatus codes: ${codes}\n`

  test('h2load: what the end of the time cuts off is no failure, what is beyond that is', () => {
    const output = summary(11, 11, '8000 2xx, 0 3xx, 0 4xx, 0 5xx')
    expect(parseH2load(output, 32)).toEqual({ requests: 8000, failures: 0 })
    expect(parseH2load(output, 4)).toEqual({ requests: 8000, failures: 7 })
  })

  test('h2load: redirects and refusals are failures', () => {
    const output = summary(3, 0, '7990 2xx, 7 3xx, 1 4xx, 2 5xx')
    expect(parseH2load(output, 32)).toEqual({ requests: 7990, failures: 10 })
    expect(parseH2load('-D: value error 1.0', 0)).toBeUndefined()
  })

  test('h2load: the log of requests, without those of the beginning and those that failed', () => {
    const log = ['1000000\t200\t674', '1400000\t200\t1000', '1600000\t200\t2500', '1700000\t-1\t9', '1800000\t503\t9']
    expect(parseH2loadLog(`${log.join('\n')}\n`, 500)).toEqual([2.5])
    expect(parseH2loadLog(`${log.join('\n')}\n`, 0)).toEqual([0.674, 1, 2.5])
  })
})

describe('/proc', () => {
  test('time on the CPU', () => {
    expect(parseSchedstat('123456789 39930 1\n')).toBe(123_456_789)
    const stat = '77 (nginx: (worker) x) S 1 77 77 0 -1 4194368 1 0 0 0 250 17 0 0 20 0'
    expect(parseStat(stat)).toBe(267 * 10_000_000)
  })

  test('memory', () => {
    const text = '5500-7ffc ---p 00000000 00:00 0 [rollup]\nRss:    20480 kB\nPss:    10240 kB\nPss_Dirty:  5 kB\n'
    expect(parseSmaps(text, 'Pss')).toBe(10240 * 1024)
    expect(parseSmaps('', 'Pss')).toBeNaN()
  })

  test('connections accepted by the backend', () => {
    const text = 'Active connections: 2 \nserver accepts handled requests\n 1041 1041 90210 \nReading: 0 Writing: 1\n'
    expect(parseAccepts(text)).toBe(1041)
    expect(parseAccepts('404')).toBeNaN()
  })

  test('lists of cores', () => {
    expect(parseCores('0-2,5\n')).toEqual([0, 1, 2, 5])
    expect(parseCores('3')).toEqual([3])
  })
})
