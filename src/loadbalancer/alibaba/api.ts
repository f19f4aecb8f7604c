import type { FailureClass } from './errors.js'
import type { ParameterMap } from './parameters.js'

export type Product = 'slb' | 'nlb' | 'vpc' | 'ecs'

/** One action of Alibaba Cloud's OpenAPI. */
export interface CloudCall {
  readonly product: Product
  readonly action: string
  readonly parameters: ParameterMap
}

export interface CloudFailure {
  readonly ok: false
  /** 0: no answer. */
  readonly status: number
  readonly code: string
  readonly message: string
  readonly requestId: string
  readonly class: FailureClass
}

export type CloudResult = { readonly ok: true; readonly body: Readonly<Record<string, unknown>> } | CloudFailure

/** Whoever makes calls to the cloud. Nothing here throws or rejects. */
export interface Cloud {
  call(call: CloudCall): Promise<CloudResult>
}

export const versions: Readonly<Record<Product, string>> = {
  slb: '2014-05-15',
  nlb: '2022-04-30',
  vpc: '2016-04-28',
  ecs: '2014-05-26',
}

/** An action that changes nothing, so that it may be made again whatever became of it. */
export function isReading(action: string): boolean {
  return /^(Describe|List|Get)/.test(action)
}
