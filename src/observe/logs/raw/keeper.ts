import { fork, type ChildProcess } from 'node:child_process'
import { programUrl } from '../../../disk/program-folder.js'
import type { Answer, Query, RecordView, StoreStatus } from '../../analytics.js'
import type { LogFormat } from '../formats.js'
import { countLines } from '../lines.js'
import { reasonOf } from '../reason.js'
import { whyNoDuckDb } from './installed.js'
import type { FromStore, StoreAnswer, StoreQuestion, StoreStart, ToStore } from './messages.js'
import { hasLinesBefore, lookMilliseconds, type RawState } from './store.js'

/** Keeps the lines of a log in a process of its own. Nothing here waits or grows when that is slow, fails or ends. */
export interface Keeper {
  feed(bytes: Uint8Array): void
  /** Lines were given up before they came here. */
  skip(): void
  useFormat(format: LogFormat): void
  query(query: Query): Promise<Answer>
  find(requestId: string): Promise<RecordView | undefined>
  status(): StoreStatus
  close(): Promise<void>
}

export interface KeeperOptions extends Omit<StoreStart, 'kind'> {
  /** The compiled process.ts; for tests, which are not compiled. */
  readonly script?: URL
  /** Where DuckDB is looked for. */
  readonly packages?: string
  /** How much may wait for the process; beyond it lines are not kept, and counted. Default: 64 MB. */
  readonly maxWaitingBytes?: number
  /** How long the end waits for lines to be written. Default: 5 s. */
  readonly farewellMilliseconds?: number
  /** A sentence for the log. */
  say(level: 'info' | 'warn', sentence: string): void
}

const MEGABYTE = 1024 * 1024
const HEAP_MEGABYTES = 128
const FIRST_PAUSE_MILLISECONDS = 500
const LONGEST_PAUSE_MILLISECONDS = 30_000

export function createKeeper(options: KeeperOptions): Keeper {
  const { script = programUrl('dist/program/log-store.js'), maxWaitingBytes = 64 * MEGABYTE, say } = options
  const { farewellMilliseconds = 5_000 } = options
  const questions = new Map<number, (answer: StoreAnswer | undefined) => void>()
  let unavailable = whyNoDuckDb(options.packages)
  let { format } = options
  let child: ChildProcess | undefined
  let isDown = false
  let isClosed = false
  let hasGap = false
  let pause = FIRST_PAUSE_MILLISECONDS
  let waitingBytes = 0
  let waitingLines = 0
  let notKept = 0
  let nextId = 1
  let problem: string | undefined
  let state: RawState | undefined
  if (unavailable !== undefined) say('info', `lines of the access log are not kept: ${unavailable}`)

  function launch(): ChildProcess | undefined {
    try {
      return fork(script, [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
      })
    } catch (cause) {
      // Such as ENOMEM; what there are too few of otherwise comes as an event.
      ended(`its process cannot be started (${reasonOf(cause)})`)
      return undefined
    }
  }

  function start(): ChildProcess | undefined {
    const started = launch()
    if (started === undefined) return undefined
    started.unref()
    started.channel?.unref()
    started.on('message', (message: FromStore) => receive(message))
    started.on('error', (cause) => {
      // One that never began does not exit.
      if (started.pid === undefined && child === started) ended(`its process cannot be started (${reasonOf(cause)})`)
    })
    started.once('exit', (code, signal) => ended(`its process ended (${signal ?? code ?? 'unknown'})`))
    const { folder, maxBytes, maxAgeMilliseconds, placesFile } = options
    send(started, {
      kind: 'start',
      folder,
      maxBytes,
      maxAgeMilliseconds,
      format,
      ...(placesFile === undefined ? {} : { placesFile }),
    })
    return started
  }

  /** The process that there is, or a new one; undefined: it has failed, and is not tried again yet. */
  function process(): ChildProcess | undefined {
    if (unavailable !== undefined || isClosed || isDown) return undefined
    child ??= start()
    return child
  }

  function send(to: ChildProcess, message: ToStore): void {
    if (to.connected) to.send(message, () => undefined)
  }

  function receive(message: FromStore): void {
    switch (message.kind) {
      case 'state':
        state = message.state
        return
      case 'committed':
        state = message.state
        waitingBytes -= message.bytes
        waitingLines -= message.lines
        pause = FIRST_PAUSE_MILLISECONDS
        if (problem !== undefined) say('info', 'lines of the access log are kept again')
        problem = undefined
        return
      case 'said':
        say('warn', `the lines of the access log: ${message.sentence}`)
        return
      case 'failed':
        fails(message.reason)
        return
      case 'unavailable':
        unavailable = message.reason
        say('warn', `lines of the access log are not kept: ${unavailable}`)
        return
      case 'answer':
        questions.get(message.id)?.(message.answer)
        questions.delete(message.id)
        return
    }
  }

  /** Said once, not with each new try. */
  function fails(reason: string): void {
    if (problem === undefined) say('warn', `lines of the access log cannot be kept for now: ${reason}`)
    problem = reason
  }

  function ended(reason: string): void {
    child = undefined
    notKept += waitingLines
    waitingBytes = 0
    waitingLines = 0
    hasGap = true
    for (const answer of questions.values()) answer(undefined)
    questions.clear()
    if (isClosed || unavailable !== undefined) return
    if (problem === undefined) fails(reason)
    isDown = true
    setTimeout(() => (isDown = false), pause).unref()
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)
  }

  function ask(question: StoreQuestion): Promise<StoreAnswer | undefined> {
    const to = process()
    if (to === undefined) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const id = nextId++
      questions.set(id, resolve)
      send(to, { kind: 'ask', id, question })
    })
  }

  // Nobody writes, but what an earlier controller kept is to go in time.
  const look = setInterval(() => {
    if (child === undefined && hasLinesBefore(options.folder, Date.now() - options.maxAgeMilliseconds)) process()
  }, lookMilliseconds(options.maxAgeMilliseconds))
  look.unref()

  return {
    feed(bytes) {
      if (unavailable !== undefined || isClosed) return
      const lines = countLines(bytes)
      const to = process()
      if (to === undefined || waitingBytes + bytes.length > maxWaitingBytes) {
        notKept += lines
        hasGap = true
        return
      }
      if (hasGap) send(to, { kind: 'skip' })
      hasGap = false
      waitingBytes += bytes.length
      waitingLines += lines
      send(to, { kind: 'lines', bytes, lines })
    },
    skip: () => void (hasGap = true),
    useFormat(next) {
      format = next
      if (child !== undefined) send(child, { kind: 'format', format: next })
    },
    async query(query) {
      const answer = await ask({ kind: 'query', query })
      return answer?.kind === 'query'
        ? answer.answer
        : { ok: false, message: `No lines are kept: ${unavailable ?? problem ?? 'the store has ended'}.` }
    },
    async find(requestId) {
      const answer = await ask({ kind: 'find', requestId })
      return answer?.kind === 'find' ? answer.record : undefined
    },
    status() {
      if (unavailable !== undefined) return { kind: 'none', reason: unavailable }
      return {
        kind: 'raw',
        bytes: 0,
        ...state,
        waitingLines,
        notKept,
        ...(problem === undefined ? {} : { problem }),
      }
    },
    async close() {
      isClosed = true
      clearInterval(look)
      const ending = child
      if (ending === undefined) return
      const end = new Promise<void>((resolve) => {
        for (const event of ['exit', 'error'] as const) ending.once(event, () => resolve())
      })
      const timer = setTimeout(() => ending.kill('SIGKILL'), farewellMilliseconds)
      ending.ref()
      send(ending, { kind: 'end' })
      await end
      clearTimeout(timer)
    },
  }
}
