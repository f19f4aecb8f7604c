import { Worker } from 'node:worker_threads'
import type { Analytics, AnalyticsStatus } from '../analytics.js'
import type { LogFormat } from './formats.js'
import type { FromThread, Question, QuestionAnswer, ThreadStart, ToThread } from './messages.js'

/** Log analytics of what NGINX writes now. */
export interface LiveAnalytics extends Analytics {
  /** What was read of the access log; it is copied. */
  feed(bytes: Uint8Array): void
  useFormat(format: LogFormat): void
  close(): Promise<void>
}

export interface LiveOptions {
  readonly format: LogFormat
  /** How much may wait for the thread; beyond it lines are given up and counted. Default: 32 MB. */
  readonly maxWaitingBytes?: number
  /** The compiled thread.ts; for tests, which are not compiled. */
  readonly script?: URL
  /** The thread has ended and was started anew; what it knew is lost. */
  onRestart(reason: string): void
}

const MEGABYTE = 1024 * 1024
/** Of the thread: its bounds are far below, so that more is a mistake, which is to hurt nobody else. */
const HEAP_MEGABYTES = 256
const NEWLINE = 10
const RESTART_MILLISECONDS = 1_000

/** Starts the thread. Nothing here waits, nor grows, when the thread is slow. */
export function createLiveAnalytics({
  format,
  script = new URL('./thread.js', import.meta.url),
  maxWaitingBytes = 32 * MEGABYTE,
  onRestart,
}: LiveOptions): LiveAnalytics {
  const questions = new Map<number, (answer: QuestionAnswer | undefined) => void>()
  let current = format
  let waiting = 0
  let skipped = 0
  let nextId = 1
  let isClosed = false
  let worker = start()

  function start(): Worker {
    const started = new Worker(script, {
      workerData: { format: current } satisfies ThreadStart,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    })
    started.unref()
    started.on('message', (message: FromThread) => receive(message))
    started.on('error', (cause) => {
      if (isClosed) return
      onRestart(cause instanceof Error ? cause.message : String(cause))
      for (const answer of questions.values()) answer(undefined)
      questions.clear()
      setTimeout(() => {
        if (isClosed) return
        waiting = 0
        worker = start()
      }, RESTART_MILLISECONDS).unref()
    })
    return started
  }

  function receive(message: FromThread): void {
    if (message.kind === 'read') {
      waiting = Math.max(0, waiting - message.bytes)
      return
    }
    questions.get(message.id)?.(message.answer)
    questions.delete(message.id)
  }

  function tell(message: ToThread, handedOver: readonly ArrayBuffer[] = []): void {
    worker.postMessage(message, handedOver)
  }

  function ask(question: Question): Promise<QuestionAnswer | undefined> {
    if (isClosed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const id = nextId++
      questions.set(id, resolve)
      tell({ kind: 'ask', id, question })
    })
  }

  return {
    feed(bytes) {
      if (isClosed) return
      if (waiting + bytes.length > maxWaitingBytes) {
        skipped += countLines(bytes)
        return
      }
      if (skipped > 0) tell({ kind: 'skip', lines: skipped })
      skipped = 0
      waiting += bytes.length
      const copy = Uint8Array.from(bytes)
      tell({ kind: 'lines', bytes: copy }, [copy.buffer])
    },
    useFormat(next) {
      if (JSON.stringify(next) === JSON.stringify(current)) return
      current = next
      tell({ kind: 'format', format: next })
    },
    async query(query) {
      const answer = await ask({ kind: 'query', query })
      return answer?.kind === 'query'
        ? answer.answer
        : { ok: false, message: 'Log analytics has ended or is starting anew.' }
    },
    async status() {
      const answer = await ask({ kind: 'status' })
      const status = answer?.kind === 'status' ? answer.status : NOTHING
      return { ...status, lost: status.lost + skipped }
    },
    async recent({ filter = [], limit = 100 }) {
      const answer = await ask({ kind: 'recent', filter, limit })
      return answer?.kind === 'recent' ? answer.records : []
    },
    async find(requestId) {
      const answer = await ask({ kind: 'find', requestId })
      return answer?.kind === 'find' ? answer.record : undefined
    },
    async close() {
      isClosed = true
      for (const answer of questions.values()) answer(undefined)
      questions.clear()
      await worker.terminate()
    },
  }
}

const NOTHING: AnalyticsStatus = {
  records: 0,
  unparsable: 0,
  unparsableSamples: [],
  lost: 0,
  misdated: 0,
  tooOld: 0,
  rows: 0,
  maxRows: 0,
  store: { kind: 'none', reason: 'log analytics has ended or is starting anew' },
  geography: false,
}

function countLines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
