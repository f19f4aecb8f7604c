import type { Weight } from '../model/features.js'
import type { RequestPort } from './port.js'

/** Where a count of requests stands between two whole numbers of its share. */
export interface ShareState {
  total: number
  /** What is due of the next request of the share, less than `total`. */
  due: number
  /** The request that is due has been chosen already. */
  ahead: boolean
}

export function createShareState(): ShareState {
  return { total: 0, due: 0, ahead: false }
}

/**
 * Whether the next request belongs to a share, of which `0 < weight < total`. Each does with the probability `weight /
 * total`, and of the first n always as many as that comes to, rounded up or down: a share is exact over a long run and
 * fair over a short one, without a period that clients could fall into step with. Source: sequential sampling with
 * probabilities proportional to size (J. R. Chromy, 1979), of equal sizes.
 */
export function nextInShare(state: ShareState, { weight, total }: Weight, random: RequestPort['random']): boolean {
  if (state.total !== total) {
    state.total = total
    state.due = 0
    state.ahead = false
  }
  const { due, ahead } = state
  const next = due + weight
  if (next < total) {
    state.due = next
    if (ahead || random(total - due) > weight) return false
    state.ahead = true
    return true
  }
  state.due = next - total
  if (!ahead) return true
  // It was chosen before its time; the rest of this one may be the next of the share.
  state.ahead = state.due > 0 && random(due) <= state.due
  return state.ahead
}
