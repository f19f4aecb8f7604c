import * as cjson from 'cjson.safe'
import type { AuthAnswer } from '../request/auth-question.js'
import { secretName } from './secret.js'

/**
 * Answers of auth services, for all workers (EXT-7); the ones that were not used for longest make room for new ones.
 * Keys hold what clients prove themselves with, so memory has a keyed hash of them only.
 */
function dictionary(): SharedDictionary {
  return ngx.shared.fairlead_answers
}

/** A longer one is not kept. */
const LONGEST = 8192

export function keptAnswer(key: string): AuthAnswer | undefined {
  const name = secretName(key)
  const value = name === undefined ? undefined : dictionary().get(name)
  if (value === undefined) return undefined
  if (typeof value === 'number') return { status: value, headers: {} }
  const [decoded, problem] = cjson.decode(value)
  return problem === undefined ? (decoded as AuthAnswer) : undefined // only keepAnswer writes here
}

/** Most answers are a number: a status without a header that anybody needs. */
export function keepAnswer(key: string, answer: AuthAnswer, seconds: number): void {
  const name = secretName(key)
  if (name === undefined) return
  const [header] = next(answer.headers)
  const content = header === undefined ? answer.status : cjson.encode(answer)
  if (typeof content === 'string' && content.length > LONGEST) return
  dictionary().set(name, content, seconds)
}
