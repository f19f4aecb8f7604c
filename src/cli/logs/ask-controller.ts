import { request } from 'node:http'
import type { Answer, AnalyticsStatus, RecordView } from '../../observe/analytics.js'
import { stateFolderAt } from '../../apply/state-folder.js'
import { reasonOf } from '../../observe/logs/reason.js'
import type { Source } from './log-source.js'

/** Asks the controller of a state folder over its socket. A sentence if there is none. */
export async function askController(folder: string): Promise<Source | string> {
  const { logSocket } = stateFolderAt(folder)
  const status = await ask(logSocket, 'GET', '/status').catch(reasonOf)
  if (typeof status === 'string')
    return `No controller with log analytics answers in ${folder} (${status}); is it running, and is this its --state-dir?`
  return {
    isLive: true,
    query: async (query) => (await ask(logSocket, 'POST', '/query', query)) as Answer, // what logs-server.ts answers
    status: async () => (await ask(logSocket, 'GET', '/status')) as AnalyticsStatus, // the same
  }
}

/** The record of a request id in a controller that runs; null: it is not there. */
export async function findRequest(folder: string, requestId: string): Promise<RecordView | null | string> {
  const { logSocket } = stateFolderAt(folder)
  return ask(logSocket, 'GET', `/find?id=${encodeURIComponent(requestId)}`).then(
    (record) => record as RecordView | null, // what logs-server.ts answers
    (cause: unknown) => `No controller with log analytics answers in ${folder} (${reasonOf(cause)}).`,
  )
}

function ask(socketPath: string, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers: { 'content-type': 'application/json' } }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8')
        if (response.statusCode !== 200) reject(new Error(`it answers ${response.statusCode}: ${text.trim()}`))
        else
          try {
            resolve(JSON.parse(text) as unknown)
          } catch (cause) {
            reject(new Error(`it answers what is no JSON: ${reasonOf(cause)}`))
          }
      })
    })
    asked.on('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
