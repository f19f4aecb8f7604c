import { expect } from 'vitest'
import type { Double } from './start.js'

/** Actions of the calls since the last reset that were to change something, in order. */
export async function changingCallsOf(double: Double): Promise<readonly string[]> {
  const calls = await double.calls()
  return calls.map(({ action }) => action).filter((action) => !/^(List|Get|Describe)/.test(action))
}

/** The CLB of the double; that there is one and no more is expected. */
export async function onlyClb(double: Double) {
  return onlyOf((await double.state()).clb)
}

/** The same of NLBs. */
export async function onlyNlb(double: Double) {
  return onlyOf((await double.state()).nlb)
}

function onlyOf<T>(all: readonly T[]): T {
  expect(all).toHaveLength(1)
  const [one] = all
  if (one === undefined) throw new Error('there is none')
  return one
}
