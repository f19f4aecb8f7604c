import { setTimeout as sleep } from 'node:timers/promises'
import type { Changes } from './changes.js'

/** So often at most; what changes more often is one event. */
const PAUSE_MILLISECONDS = 500
/** Something is sent at least so often, by which both sides notice that the other is gone. */
const QUIET_MILLISECONDS = 10_000

/**
 * Server-sent events: `state` at the beginning, and after changes. A text is made when the client has taken the one
 * before, so nothing is queued for one that does not read. `done` is called when the client has gone.
 */
export function createEventStream(changes: Changes, state: () => string, done: () => void): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  const encoder = new TextEncoder()
  let seen: number | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        if (seen !== undefined) {
          await sleep(PAUSE_MILLISECONDS, undefined, { ref: false, signal: gone.signal }).catch(() => undefined)
          await changes.wait(seen, QUIET_MILLISECONDS, gone.signal)
        }
        if (gone.signal.aborted) return
        const now = changes.count()
        // One line: JSON has no line ends of its own.
        stream.enqueue(encoder.encode(now === seen ? ': still here\n\n' : `event: state\ndata: ${state()}\n\n`))
        seen = now
      },
      cancel() {
        gone.abort()
        done()
      },
    },
    { highWaterMark: 0 },
  )
}
