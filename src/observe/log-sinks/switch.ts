import type { LogSink } from '../tail.js'

export interface ClosableSink extends LogSink {
  close(): void
}

export interface SwitchingSink extends ClosableSink {
  /** From the next line on; the one before is closed then. */
  to(sink: ClosableSink): void
}

const NEWLINE = 10

/**
 * One sink after the other: the line that is under way goes to the one that has its beginning, or, if that takes no
 * more, is lost.
 */
export function createSwitchingSink(first: ClosableSink): SwitchingSink {
  let current = first
  let next: ClosableSink | undefined
  let isWhole = true

  const change = (): void => {
    if (next === undefined || !isWhole) return
    current.close()
    current = next
    next = undefined
  }
  return {
    to(sink) {
      next?.close()
      next = sink
      change()
    },
    write(bytes) {
      const end = next === undefined ? 0 : bytes.indexOf(NEWLINE) + 1
      const piece = end === 0 ? bytes : bytes.subarray(0, end)
      const taken = current.write(piece)
      const count = next !== undefined && taken === 0 ? piece.length : taken
      if (count > 0) isWhole = piece[count - 1] === NEWLINE
      change()
      return count
    },
    close() {
      next?.close()
      current.close()
    },
  }
}
