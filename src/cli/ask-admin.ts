import { readFileSync } from 'node:fs'
import type { Diagnosis } from '../observe/diagnosis/diagnosis.js'
import type { ExplainRequest, LiveExplanation } from '../observe/shown.js'
import { readDiagnosis } from './diagnose/ask-controller.js'

/** What the admin port answers, checked as far as it is used. */
export type AdminAnswer = Omit<LiveExplanation, 'explanation'> & { readonly explanation: object }

const PATIENCE_MILLISECONDS = 30_000

/**
 * Asks a running controller through its admin port. The token is that of `tokenFile`, else what follows `#token=` in the
 * URL, else FAIRLEAD_ADMIN_TOKEN. A sentence where there is no answer.
 */
export async function askAdmin(
  url: string,
  tokenFile: string | undefined,
  question: ExplainRequest,
): Promise<AdminAnswer | string> {
  return ask(url, tokenFile, '/api/explain', JSON.stringify(question), readAnswer)
}

/** What `fairlead diagnose` packs, in the same way. */
export async function askAdminDiagnosis(url: string, tokenFile: string | undefined): Promise<Diagnosis | string> {
  return ask(url, tokenFile, '/api/diagnosis', undefined, (body, origin) => readDiagnosis(body) ?? notOurs(origin))
}

/** @param body of a POST; undefined: it is a GET */
async function ask<T>(
  url: string,
  tokenFile: string | undefined,
  path: string,
  body: string | undefined,
  read: (answer: unknown, origin: string) => T | string,
): Promise<T | string> {
  if (!URL.canParse(url)) return `--admin ${JSON.stringify(url)} is not a URL such as http://127.0.0.1:8090`
  const { origin, hash } = new URL(url)
  const token = readToken(tokenFile, hash)
  if (!token.ok) return token.message
  try {
    const answer = await fetch(origin + path, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token.value}` },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    })
    return answer.ok ? read(await answer.json(), origin) : await describeRefusal(answer, origin)
  } catch (cause) {
    return `The admin port at ${origin} does not answer: ${describeFailure(cause)}`
  }
}

export type AdminGet = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly message: string }

/** Gets a path of the API of a running controller, with the token as `askAdmin` has it. */
export async function getFromAdmin(url: string, tokenFile: string | undefined, path: string): Promise<AdminGet> {
  if (!URL.canParse(url))
    return { ok: false, message: `--admin ${JSON.stringify(url)} is not a URL such as http://127.0.0.1:8090` }
  const { origin, hash } = new URL(url)
  const token = readToken(tokenFile, hash)
  if (!token.ok) return token
  try {
    const answer = await fetch(`${origin}${path}`, {
      redirect: 'error',
      headers: { authorization: `Bearer ${token.value}` },
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    })
    return answer.ok
      ? { ok: true, body: await answer.json() }
      : { ok: false, message: await describeRefusal(answer, origin) }
  } catch (cause) {
    return { ok: false, message: `The admin port at ${origin} does not answer: ${describeFailure(cause)}` }
  }
}

function readToken(
  file: string | undefined,
  hash: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly message: string } {
  const written = /^#token=([\w.-]+)$/.exec(hash)?.[1] ?? process.env['FAIRLEAD_ADMIN_TOKEN'] ?? ''
  if (file === undefined && written !== '') return { ok: true, value: written }
  if (file === undefined) {
    const message =
      'The admin port wants a token: --admin-token-file FILE, FAIRLEAD_ADMIN_TOKEN, or the URL that "serve" printed. ' +
      'It is in private/admin.token of the state folder.'
    return { ok: false, message }
  }
  try {
    return { ok: true, value: readFileSync(file, 'utf8').trim() }
  } catch (cause) {
    return { ok: false, message: `--admin-token-file cannot be read: ${describeFailure(cause)}` }
  }
}

function readAnswer(body: unknown, origin: string): AdminAnswer | string {
  const answer = body as Partial<AdminAnswer> | null // our own answer, by its members
  if (typeof answer?.explanation !== 'object' || typeof answer.words !== 'object') return notOurs(origin)
  const { explanation, words, revision = 0, behind = [], unsure } = answer
  return { explanation, words, revision, behind, ...(unsure === undefined ? {} : { unsure }) }
}

function notOurs(origin: string): string {
  return `What answers at ${origin} is not Fairlead's admin port.`
}

async function describeRefusal(answer: Response, origin: string): Promise<string> {
  const text = await answer.text()
  if (answer.status === 401) return `The admin port at ${origin} does not accept the token.`
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  return message === undefined
    ? `The admin port at ${origin} answered ${answer.status}.`
    : String(JSON.parse(`"${message}"`))
}

function describeFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}
