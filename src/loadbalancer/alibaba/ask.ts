import type { Failure } from '../provider.js'
import { type Fields, items, text } from './answer.js'
import type { Cloud, CloudCall, CloudFailure, Product } from './api.js'
import { kindOf } from './errors.js'
import type { ParameterMap } from './parameters.js'

/** A call of the cloud that failed, on its way up to who can tell the common part. */
export class CloudError extends Error {
  readonly failure: CloudFailure

  constructor(call: CloudCall, failure: CloudFailure) {
    super(`${call.action}: ${explain(failure)}`)
    this.failure = failure
  }
}

/** The body of an answer. Rejects with a CloudError. */
export async function ask(cloud: Cloud, product: Product, action: string, parameters: ParameterMap): Promise<Fields> {
  const call = { product, action, parameters }
  const result = await cloud.call(call)
  if (!result.ok) throw new CloudError(call, result)
  return result.body
}

/** All pages of a list whose answers have a NextToken; `path` are the names above the list. */
export async function askPages(
  cloud: Cloud,
  product: Product,
  action: string,
  parameters: ParameterMap,
  ...path: readonly string[]
): Promise<readonly Fields[]> {
  const found: Fields[] = []
  let next = ''
  do {
    const token = next === '' ? {} : { NextToken: next }
    const body = await ask(cloud, product, action, { ...parameters, MaxResults: 100, ...token })
    found.push(...items(body, ...path))
    next = text(body, 'NextToken')
  } while (next !== '')
  return found
}

/** What the common part is told of something that was thrown; our own mistakes are thrown on. */
export function failureOf(cause: unknown): Failure {
  if (!(cause instanceof CloudError)) throw cause
  return { kind: kindOf(cause.failure.class), message: cause.message }
}

const hints: Readonly<Partial<Record<CloudFailure['class'], string>>> = {
  clock: 'the clock of this machine and that of the cloud differ by more than 15 minutes',
  rights: 'the credentials do not allow it',
  money: 'the account has no money',
  limit: 'a quota of the account or the instance is used up',
  expired: 'the credentials have expired',
  'no-stock': 'the cloud has no address or no capacity for it',
}

function explain({ class: kind, status, code, message, requestId }: CloudFailure): string {
  const said = [hints[kind], message].filter((one) => one !== undefined && one !== '').join('; ')
  const facts = [code === '' ? `status ${status}` : code, requestId === '' ? '' : `request ${requestId}`]
  return `${said} (${facts.filter((one) => one !== '').join(', ')})`
}
