import { parentPort, workerData } from 'node:worker_threads'
import { createLogEngine, type LogEngine } from './engine.js'
import type { FromThread, Question, QuestionAnswer, ThreadStart, ToThread } from './messages.js'

/** The thread in which lines are read and added up, so that the loop of the controller waits for none of it. */
const { format } = workerData as ThreadStart // what live.ts gives
const engine = createLogEngine({ formats: [format], now: Date.now })

parentPort?.on('message', (message: ToThread) => {
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
})

function tell(message: FromThread): void {
  parentPort?.postMessage(message, [])
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
  }
}
