import { byteAt, slice } from '#bytes'
import type { RangeList } from '../../src/model/address-ranges.js'
import { includesAddress } from '../../src/request/cidr.js'
import { takeIn } from '../../src/request/leaky-bucket.js'
import type { Table } from '../../src/model/table.js'

/** Limits and lists of addresses, as answers.ts has it. */
export function answerAddress(_table: Table, v4: string, v6: string, address: string): string {
  return includesAddress({ v4: rangesOf(v4, 8), v6: rangesOf(v6, 32) }, address) ? 'in' : 'not in'
}

/** The first and last address of each range, one behind the other. */
function rangesOf(digits: string, width: number): RangeList {
  const first: string[] = []
  const last: string[] = []
  for (let at = 0; at < digits.length; at += 2 * width) {
    first.push(slice(digits, at, at + width))
    last.push(slice(digits, at + width, at + 2 * width))
  }
  return { first, last }
}

/** Decisions of a bucket on requests whose pauses, in milliseconds, are the bytes of `pauses`. */
export function answerBucket(_table: Table, requests: string, burst: string, pauses: string): string {
  const limit = { requests: byteAt(requests, 0) + 1, seconds: 1, burst: byteAt(burst, 0) }
  let emptyAt: number | undefined
  let now = 4_000_000_000
  let decisions = ''
  for (let i = 0; i < pauses.length; i++) {
    now = now + byteAt(pauses, i)
    const next = takeIn(emptyAt, now, limit)
    decisions = decisions + (next === undefined ? '-' : '+')
    if (next !== undefined) emptyAt = next
  }
  return decisions
}
