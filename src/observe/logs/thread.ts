import { parentPort, workerData } from 'node:worker_threads'
import { createLogEngine, type LogEngine } from './engine.js'
import type { FromThread, Question, QuestionAnswer, ThreadStart, ToThread } from './messages.js'
import { openPlaces } from './places.js'
import { openRolledUpStore } from './rolled-up-store.js'

/** The thread in which lines are read and added up, so that the loop of the controller waits for none of it. */

/** How often what is known is saved: what a crash costs. */
const SAVE_MILLISECONDS = 60_000
/** Saving much takes long; it is not to take more than a small part of the time. */
const PAUSE_PER_SAVING = 50

const { format, savedFolder, placesFile } = workerData as ThreadStart // what live.ts gives
const places = placesFile === undefined ? undefined : openPlaces(placesFile)
const engine = createLogEngine({
  formats: [format],
  now: Date.now,
  ...(places?.ok === true ? { placeOf: places.placeOf } : {}),
})
const saved = savedFolder === undefined ? undefined : openRolledUpStore(savedFolder)
let couldSave = true

if (places?.ok === false) say(`${places.message}; where clients are is not known`)
// What is saved has to be there before anything is added to it.
const loaded = load()
parentPort?.on('message', (message: ToThread) => void loaded.then(() => take(message)))

function take(message: ToThread): void {
  switch (message.kind) {
    case 'lines':
      engine.read(message.bytes)
      tell({ kind: 'read', bytes: message.bytes.length })
      return
    case 'skip':
      engine.skip(message.lines)
      return
    case 'format':
      engine.useFormat(message.format)
      return
    case 'ask':
      tell({ kind: 'answer', id: message.id, answer: answer(engine, message.question) })
      return
  }
}

function answer(from: LogEngine, question: Question): QuestionAnswer {
  switch (question.kind) {
    case 'query':
      return { kind: 'query', answer: from.query(question.query) }
    case 'status':
      return { kind: 'status', status: from.status() }
    case 'recent':
      return { kind: 'recent', records: from.recent(question.filter, question.limit) }
    case 'find':
      return { kind: 'find', record: from.find(question.requestId) }
    case 'save':
      save()
      return { kind: 'save' }
  }
}

async function load(): Promise<void> {
  if (saved === undefined) return
  const { warning } = await saved.load(engine)
  if (warning !== undefined) say(warning)
  setTimeout(saveAgain, SAVE_MILLISECONDS).unref()
}

function saveAgain(): void {
  const began = performance.now()
  save()
  const took = performance.now() - began
  setTimeout(saveAgain, Math.max(SAVE_MILLISECONDS, took * PAUSE_PER_SAVING)).unref()
}

/** Said once, not at each try. */
function save(): void {
  const failure = saved?.save(engine, [])
  if (failure !== undefined && couldSave) say(`${failure} What is known of requests would not outlive a restart.`)
  couldSave = failure === undefined
}

function say(sentence: string): void {
  tell({ kind: 'said', sentence })
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message, [])
}
