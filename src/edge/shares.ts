import type { Weight } from '../model/features.js'
import { createShareState, nextInShare, type ShareState } from '../request/share.js'

/** More shares than this, and the worker begins anew: memory stays bounded whatever comes and goes. */
const LIMIT = 20_000

let states: Record<string, ShareState | undefined> = {}
let count = 0

/** Counts each share for itself and in each worker; a weight that changes goes on from where the count stands. */
export function isInShare(this: void, of: string, weight: Weight): boolean {
  const state = states[of] ?? remember(of)
  return nextInShare(state, weight, random)
}

function remember(of: string): ShareState {
  if (count >= LIMIT) {
    states = {}
    count = 0
  }
  const state = createShareState()
  states[of] = state
  count++
  return state
}

function random(this: void, most: number): number {
  return math.random(1, most)
}
