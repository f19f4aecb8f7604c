import { Worker } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import { programUrl } from '../../disk/program-folder.js'
import type { Analytics, AnalyticsStatus, Answer, Query } from '../analytics.js'
import type { LogFormat } from './formats.js'
import { countLines } from './lines.js'
import type { FromThread, Question, QuestionAnswer, ThreadStart, ToThread } from './messages.js'
import type { Keeper } from './raw/keeper.js'

/** Log analytics of what NGINX writes now. */
export interface LiveAnalytics extends Analytics {
  /** What was read of the access log; it is copied. */
  feed(bytes: Uint8Array): void
  useFormat(format: LogFormat): void
  close(): Promise<void>
}

export interface LiveOptions {
  readonly format: LogFormat
  /** Keeps the lines themselves; absent: `noKeeper` says why not. */
  readonly keeper?: Keeper
  readonly noKeeper?: string
  /** Where roll-ups outlive the thread and the controller; absent: nowhere. */
  readonly savedFolder?: string
  /** A MaxMind database. */
  readonly placesFile?: string
  /** How much may wait for the thread; beyond it lines are given up and counted. Default: 32 MB. */
  readonly maxWaitingBytes?: number
  /** The compiled thread.ts; for tests, which are not compiled. */
  readonly script?: URL
  /** The thread has ended and was started anew; what it has not saved is lost. */
  onRestart(reason: string): void
  /** A sentence for the log. */
  onSaid?(sentence: string): void
}

const MEGABYTE = 1024 * 1024
/** Of the thread: its bounds are far below, so that more is a mistake, which is to hurt nobody else. */
const HEAP_MEGABYTES = 256
const RESTART_MILLISECONDS = 1_000
/** How much later the oldest line that is kept may be than what was asked for. */
const REACH_MILLISECONDS = 60_000
/** How long the end waits for what is known to be saved. */
const FAREWELL_MILLISECONDS = 5_000

/** Starts the thread. Nothing here waits, nor grows, when the thread is slow. */
export function createLiveAnalytics({
  format,
  script = programUrl('dist/program/log-thread.js'),
  maxWaitingBytes = 32 * MEGABYTE,
  keeper,
  noKeeper = 'the lines themselves are not kept',
  savedFolder,
  placesFile,
  onRestart,
  onSaid,
}: LiveOptions): LiveAnalytics {
  const questions = new Map<number, (answer: QuestionAnswer | undefined) => void>()
  let current = format
  let waiting = 0
  let skipped = 0
  let nextId = 1
  let isClosed = false
  /** The thread has ended, and the next one is not there yet: who asks it would wait for ever. */
  let isDown = false
  let worker = start()

  function start(): Worker {
    const started = new Worker(script, {
      workerData: {
        format: current,
        ...(savedFolder === undefined ? {} : { savedFolder }),
        ...(placesFile === undefined ? {} : { placesFile }),
      } satisfies ThreadStart,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    })
    started.unref()
    started.on('message', (message: FromThread) => receive(message))
    started.on('error', (cause) => {
      if (isClosed) return
      isDown = true
      onRestart(cause instanceof Error ? cause.message : String(cause))
      for (const answer of questions.values()) answer(undefined)
      questions.clear()
      setTimeout(() => {
        if (isClosed) return
        waiting = 0
        worker = start()
        isDown = false
      }, RESTART_MILLISECONDS).unref()
    })
    return started
  }

  function receive(message: FromThread): void {
    if (message.kind === 'read') {
      waiting = Math.max(0, waiting - message.bytes)
      return
    }
    if (message.kind === 'said') return onSaid?.(message.sentence)
    questions.get(message.id)?.(message.answer)
    questions.delete(message.id)
  }

  function tell(message: ToThread, handedOver: readonly ArrayBuffer[] = []): void {
    worker.postMessage(message, handedOver)
  }

  function ask(question: Question): Promise<QuestionAnswer | undefined> {
    if (isClosed || isDown) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const id = nextId++
      questions.set(id, resolve)
      tell({ kind: 'ask', id, question })
    })
  }

  /** undefined: the lines that are kept do not reach back as far as the question does. */
  async function fromLines(query: Query): Promise<Answer | undefined> {
    const store = keeper?.status()
    if (keeper === undefined || store?.kind !== 'raw' || store.problem !== undefined) return undefined
    const answer = await ask({ kind: 'status' })
    const known = answer?.kind === 'status' ? answer.status.oldest : undefined
    const wanted = Math.max(query.from, known ?? query.from)
    // Of a line's time the log has whole seconds, of a roll-up's begin that of its interval.
    if (store.oldest !== undefined && store.oldest > wanted + REACH_MILLISECONDS) return undefined
    return keeper.query(query)
  }

  return {
    feed(bytes) {
      if (isClosed) return
      keeper?.feed(bytes)
      if (isDown || waiting + bytes.length > maxWaitingBytes) {
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
      keeper?.useFormat(next)
      tell({ kind: 'format', format: next })
    },
    async query(query) {
      const exact = query.prefer === 'lines' ? await fromLines(query) : undefined
      if (exact?.ok === true) return exact
      const answer = await ask({ kind: 'query', query })
      if (answer?.kind !== 'query') return { ok: false, message: 'Log analytics has ended or is starting anew.' }
      if (answer.answer.ok || query.prefer === 'lines') return answer.answer
      const other = await fromLines(query)
      return other?.ok === true ? other : answer.answer
    },
    async status() {
      const answer = await ask({ kind: 'status' })
      const status = answer?.kind === 'status' ? answer.status : NOTHING
      const store = keeper?.status() ?? { kind: 'none', reason: noKeeper }
      const known = store.kind === 'raw' ? [status.oldest, store.oldest] : [status.oldest]
      const oldest = known.flatMap((each) => each ?? []).toSorted((a, b) => a - b)[0]
      return { ...status, ...(oldest === undefined ? {} : { oldest }), lost: status.lost + skipped, store }
    },
    async recent({ filter = [], limit = 100 }) {
      const answer = await ask({ kind: 'recent', filter, limit })
      return answer?.kind === 'recent' ? answer.records : []
    },
    async find(requestId) {
      const answer = await ask({ kind: 'find', requestId })
      const record = answer?.kind === 'find' ? answer.record : undefined
      return record ?? keeper?.find(requestId)
    },
    async close() {
      await Promise.race([ask({ kind: 'save' }), sleep(FAREWELL_MILLISECONDS, undefined, { ref: false })])
      await keeper?.close()
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
