import { byteAt } from '#bytes'
import { order } from '../../src/edge/order.js'
import type { Table } from '../../src/model/table.js'
import { decide } from '../../src/request/decide.js'
import { createRequest } from '../../src/request/offline-request.js'
import { createShareState, nextInShare } from '../../src/request/share.js'

/**
 * Where a request for `a.test` goes that has the header and the cookies, and why; a text that is missing is not sent.
 * `drawn` is what chance gives; a pattern matches what holds its text, and fails if that is `(`.
 */
export function answerSplit(
  table: Table,
  header: string | undefined,
  cookie: string | undefined,
  drawn: string,
): string {
  const headers: Record<string, string> = {}
  if (header !== undefined) headers['x-canary'] = header
  if (cookie !== undefined) headers['cookie'] = cookie
  const request = createRequest({
    headers,
    random: () => wholeNumber(drawn),
    match: (pattern, text) => {
      if (pattern === '(') return { kind: 'failed' }
      return pattern === text ? { kind: 'match', captures: [text] } : { kind: 'none' }
    },
  })
  const decision = decide(table, order, request, 'http', 'a.test', '/', '/')
  if (decision.kind !== 'proxy') return decision.kind
  const split = decision.passage?.split
  return `${decision.upstream.key} ${split?.why.kind ?? '-'} ${split?.logged ?? '-'}`
}

/** Which of the first 100 requests are in a share; `seed` makes the random numbers. */
export function answerShare(_table: Table, weight: string, total: string, seed: string): string {
  const state = createShareState()
  let number = wholeNumber(seed) % 65_536
  let answer = ''
  for (let i = 0; i < 100; i++) {
    const isIn = nextInShare(state, { weight: wholeNumber(weight), total: wholeNumber(total) }, (most) => {
      number = (number * 4005 + 1) % 65_536
      return (number % most) + 1
    })
    answer = answer + (isIn ? '1' : '0')
  }
  return answer
}

/** `Number` would bring a library of the compiler along. */
function wholeNumber(digits: string): number {
  let number = 0
  for (let i = 0; i < digits.length; i++) number = number * 10 + byteAt(digits, i) - 48
  return number
}
