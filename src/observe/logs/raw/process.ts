import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { createAgentReader } from '../agents.js'
import { openPlaces } from '../places.js'
import { createLineReader, type LineReader } from '../reading.js'
import type { FromStore, StoreAnswer, StoreQuestion, StoreStart, ToStore } from './messages.js'
import { firstLine, lookMilliseconds, openRawStore, type RawStore } from './store.js'

/**
 * The process that keeps lines, so that neither its memory nor its end is the controller's. It ends when the controller
 * does.
 */

/** A commit is a write to the disk; what is not committed is lost in a crash. */
const COMMIT_BYTES = 24 * 1024 * 1024
const COMMIT_MILLISECONDS = 5_000
const THREADS = 2
/** Of all processes the one that is missed least, in want of memory or of time. */
const MOST_DISPENSABLE = '1000'
const NICENESS = 5

let store: RawStore | undefined
let reader: LineReader | undefined
let bytes = 0
let lines = 0
let timer: NodeJS.Timeout | undefined
let turn: Promise<void> = Promise.resolve()

beDispensable()
// Who ends the controller in a terminal ends this as well; the lines are to be kept first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (message: ToStore) => inTurn(() => take(message)))
process.on('disconnect', () => inTurn(finish))

/** One thing after another: DuckDB is asked and written by turns. */
function inTurn(step: () => Promise<void>): void {
  turn = turn.then(step).catch((cause: unknown) => end({ kind: 'failed', reason: firstLine(cause) }))
}

async function take(message: ToStore): Promise<void> {
  switch (message.kind) {
    case 'start':
      return start(message)
    case 'lines':
      await store?.begin()
      reader?.read(message.bytes)
      bytes += message.bytes.length
      lines += message.lines
      if (bytes >= COMMIT_BYTES) return commit()
      timer ??= setTimeout(() => inTurn(commit), COMMIT_MILLISECONDS)
      return
    case 'skip':
      reader?.skip(0)
      return
    case 'format':
      reader?.useFormat(message.format)
      return
    case 'ask':
      await commit()
      tell({ kind: 'answer', id: message.id, answer: await answerTo(message.question) })
      return
    case 'end':
      return finish()
  }
}

async function start({ folder, maxBytes, maxAgeMilliseconds, format, placesFile }: StoreStart): Promise<void> {
  try {
    await import('@duckdb/node-api')
  } catch (cause) {
    return end({ kind: 'unavailable', reason: `DuckDB cannot be loaded (${firstLine(cause)})` })
  }
  const opened = await openRawStore({
    folder,
    maxBytes,
    maxAgeMilliseconds,
    threads: THREADS,
    now: Date.now,
    say: (sentence) => tell({ kind: 'said', sentence }),
  })
  const places = placesFile === undefined ? undefined : openPlaces(placesFile)
  const placeOf = places?.ok === true ? places.placeOf : undefined
  const agents = createAgentReader()
  store = opened
  reader = createLineReader({
    formats: [format],
    now: Date.now,
    onRecord: (record) => opened.add(record, agents.read(record.userAgent), placeOf?.(record.client)),
  })
  setInterval(() => agents.begin(), COMMIT_MILLISECONDS).unref()
  tell({ kind: 'state', state: opened.state() })
  await dropOld()
  setInterval(() => inTurn(dropOld), lookMilliseconds(maxAgeMilliseconds)).unref()
}

async function commit(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  if (store === undefined || bytes === 0) return
  await store.commit()
  tell({ kind: 'committed', bytes, lines, state: store.state() })
  bytes = 0
  lines = 0
}

/** Lines are to go in time although no others come. What is under way is committed by its own timer. */
async function dropOld(): Promise<void> {
  if (store === undefined || bytes > 0) return
  if (await store.dropOld()) tell({ kind: 'state', state: store.state() })
}

async function finish(): Promise<void> {
  await store?.close()
  process.exit(0)
}

async function answerTo(question: StoreQuestion): Promise<StoreAnswer> {
  switch (question.kind) {
    case 'query':
      return {
        kind: 'query',
        answer: (await store?.query(question.query)) ?? { ok: false, message: 'No line is kept yet.' },
      }
    case 'find':
      return { kind: 'find', record: await store?.find(question.requestId) }
  }
}

function tell(message: FromStore): void {
  if (process.connected) process.send?.(message)
}

/** After a failed write DuckDB is of no use; a new process is. */
function end(message: FromStore): void {
  if (!process.connected) process.exit(1)
  process.send?.(message, () => process.exit(1))
}

function beDispensable(): void {
  try {
    setPriority(NICENESS)
    writeFileSync('/proc/self/oom_score_adj', MOST_DISPENSABLE)
  } catch {
    // It may not; then it is a process like the others.
  }
}
