import { nextPause } from './back-off.js'
import type { Done } from './nginx-process.js'

/** A frame that NGINX took and with which its workers did not start: each attempt with it costs connections. */
export interface FailedFrame {
  /** What came of it the last time, where it is not time to try it again. */
  recall(text: string, now: number): Done | undefined
  remember(text: string, failed: Done, now: number): void
}

/** Each attempt takes the workers away that serve. */
const LONGEST_PAUSE_MILLISECONDS = 1_800_000

export function createFailedFrame(): FailedFrame {
  let last: { readonly text: string; readonly failed: Done; readonly until: number; readonly pause: number } | undefined
  return {
    recall: (text, now) => (last?.text === text && now < last.until ? last.failed : undefined),
    remember(text, failed, now) {
      const pause = nextPause(last?.text === text ? last.pause : undefined, LONGEST_PAUSE_MILLISECONDS)
      last = { text, failed, until: now + pause, pause }
    },
  }
}
