import { Client } from 'undici'
import { reasonOf } from '../../apply/state-folder.js'
import type { Diagnosis } from '../../observe/diagnosis/diagnosis.js'

const PATIENCE_MILLISECONDS = 60_000

/** The diagnosis of the controller behind a status socket. A sentence if there is none. */
export async function askDiagnosis(socketPath: string): Promise<Diagnosis | string> {
  const client = new Client('http://controller', { socketPath, headersTimeout: PATIENCE_MILLISECONDS })
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path: '/diagnosis' })
    const text = await body.text()
    if (statusCode !== 200) return `it answers ${statusCode}`
    return readDiagnosis(JSON.parse(text)) ?? 'it is of a version that has none'
  } catch (cause) {
    return reasonOf(cause)
  } finally {
    await client.destroy()
  }
}

/** undefined: it is something else. */
export function readDiagnosis(body: unknown): Diagnosis | undefined {
  const { files } = (body ?? {}) as Partial<Diagnosis> // our own answer, by its members
  if (!Array.isArray(files)) return undefined
  const isRead = files.every(({ name, text }) => /^[a-z.-]{1,40}$/.test(name) && typeof text === 'string')
  return isRead ? { files } : undefined
}
