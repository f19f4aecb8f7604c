import type { LogSink } from '../observe/tail.js'

/** Lines on their way to a reader that may be slow. */
export interface LineQueue {
  /** Takes a line with its end; never waits. */
  write(line: string): void
}

export interface LineQueueOptions {
  /** What is kept for a reader that has stopped; lines beyond it are lost. Default: 1 MB. */
  readonly maxBytes?: number
  /** How often a full sink is tried again. Default: 100 ms. */
  readonly retryMilliseconds?: number
  /** The line, with its end, that says how many were lost; written when the reader is back. */
  describeLoss(lines: number): string
}

/** Keeps the order and the wholeness of lines; a line is delivered as it is, or counted as lost. */
export function createLineQueue(sink: LogSink, options: LineQueueOptions): LineQueue {
  const { maxBytes = 1_048_576, retryMilliseconds = 100, describeLoss } = options
  let waiting: Buffer[] = []
  let bytes = 0
  let lost = 0
  let timer: NodeJS.Timeout | undefined

  function drain(): void {
    timer = undefined
    let next = 0
    for (; next < waiting.length; next++) {
      const line = waiting[next] ?? Buffer.alloc(0)
      const taken = sink.write(line)
      bytes -= taken
      if (taken === line.length) continue
      waiting[next] = line.subarray(taken)
      break
    }
    waiting = waiting.slice(next)
    if (waiting.length === 0 && lost > 0) {
      const count = lost
      lost = 0
      keep(Buffer.from(describeLoss(count)))
      return drain()
    }
    if (waiting.length > 0) timer = setTimeout(drain, retryMilliseconds).unref()
  }

  function keep(line: Buffer): void {
    waiting.push(line)
    bytes += line.length
  }

  return {
    write(line) {
      const text = Buffer.from(line)
      if (lost > 0 || bytes + text.length > maxBytes) {
        lost += 1
        return
      }
      keep(text)
      if (timer === undefined) drain()
    },
  }
}
