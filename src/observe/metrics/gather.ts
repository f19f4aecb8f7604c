import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RequestMetricsStore } from './store.js'

/**
 * Gives a piece of what NGINX has counted, and takes it away there; empty: that was all; undefined: NGINX does not
 * answer.
 */
export type TakeCounted = () => Promise<string | undefined>

export interface Gathering {
  /** Takes what there is now; calls while one runs wait for it. */
  gather(): Promise<void>
  stop(): void
}

const EACH_MILLISECONDS = 1_000
/** Lines between two turns of the event loop: about a millisecond. */
const PART_BYTES = 65_536
/** Pieces in one go: workers hand on more in the meantime. */
const MOST_PIECES = 64

/** Brings what workers hand on into the store, each second and whenever it is asked for (MET-4). */
export function startGathering(
  take: TakeCounted,
  store: RequestMetricsStore,
  onOverflow: (requests: number) => void,
): Gathering {
  let running: Promise<void> | undefined
  let told = 0

  async function work(): Promise<void> {
    for (let piece = 0; piece < MOST_PIECES; piece++) {
      const text = await take()
      if (text === undefined || text === '') break
      for (const part of partsOf(text)) {
        store.add(part)
        await nextTurn()
      }
    }
    const over = store.overflowed()
    if (over > told) onOverflow(over - told)
    told = over
  }

  const gather = (): Promise<void> => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
  const timer = setInterval(() => void gather(), EACH_MILLISECONDS)
  timer.unref()
  return { gather, stop: () => clearInterval(timer) }
}

/** Whole lines, in parts of about the same length. */
function* partsOf(text: string): Generator<string, undefined> {
  let from = 0
  while (from < text.length) {
    const end = text.indexOf('\n', Math.min(from + PART_BYTES, text.length - 1))
    const to = end < 0 ? text.length : end + 1
    yield text.slice(from, to)
    from = to
  }
  return undefined
}
