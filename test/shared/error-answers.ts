import { byteAt } from '#bytes'
import { order } from '../../src/edge/order.js'
import type { Table } from '../../src/model/table.js'
import { decide } from '../../src/request/decide.js'
import { errorBackend, factsOf, replacing } from '../../src/request/error-answer.js'
import { createRequest } from '../../src/request/offline-request.js'

/**
 * Where a request for `a.test` goes, and by whom it is answered instead if the answer has the status: `test/app/80|stays`,
 * `503|default-backend 404 of app:80`. The answer of an upstream without endpoints has its own status.
 */
export function answerErrors(table: Table, status: string): string {
  const request = createRequest({ headers: { accept: 'text/css' } })
  const decision = decide(table, order, request, 'http', 'a.test', '/app', '/app')
  if (decision.kind !== 'proxy' && decision.kind !== 'answer') return decision.kind
  const { passage } = decision
  const seen = decision.kind === 'answer' ? decision.status : wholeNumber(status)
  const where = decision.kind === 'answer' ? `${seen}` : decision.upstream.key
  if (passage?.standIn === true) return `${where}|stands in`
  const errors = replacing(passage, seen)
  if (errors === undefined || passage === undefined) return `${where}|stays`
  passage.replaced = true
  if (replacing(passage, seen) !== undefined) return 'an error page is replaced'
  const upstream = errorBackend(errors, table)
  const { code, service, port } = factsOf(errors, seen, request)
  return `${where}|${upstream?.key ?? 'nobody'} ${code} of ${service}:${port}`
}

/** `Number` would bring a library of the compiler along. */
function wholeNumber(digits: string): number {
  let number = 0
  for (let i = 0; i < digits.length; i++) number = number * 10 + byteAt(digits, i) - 48
  return number
}
