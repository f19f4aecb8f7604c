import type { AddedHeader } from '../model/documents.js'
import type { FrameChoices } from '../model/global-settings.js'
import { namesRoutes } from '../model/log-lines.js'
import type { ConfigMap } from '../snapshot/objects.js'
import { isAskable } from '../features/request-header-names.js'
import type { Values } from './index.js'
import { unreadable, type KeyProblem } from './read.js'
import { headerValue } from './text-with-variables.js'

/** What add-headers and proxy-set-headers come to; a header that cannot be set costs only itself. */
export interface NamedHeaders {
  readonly answers: readonly AddedHeader[]
  readonly frame: FrameChoices
  /** A value says whose route a request has taken. */
  readonly namesRoutes: boolean
  readonly problems: readonly KeyProblem[]
}

/** @param configMap finds one by `namespace/name` */
export function namedHeaders(values: Values, configMap: (key: string) => ConfigMap | undefined): NamedHeaders {
  const problems: KeyProblem[] = []
  const read = (key: 'add-headers' | 'proxy-set-headers'): readonly AddedHeader[] => {
    const reference = values[key]
    if (reference === undefined) return []
    const found = configMap(reference)
    if (found === undefined) {
      problems.push({ key, kind: 'unreadable', message: `There is no ConfigMap ${reference}; no header is set.` })
      return []
    }
    return Object.entries(found.data).flatMap(([name, text]) => {
      const value = isAskable(name) ? headerValue.parse(text.trim()) : NO_NAME
      if (value.ok) return [{ name, value: value.value }]
      const message = `${name} of ConfigMap ${reference}: ${unreadable(text, value.reason, 'this header is not set')}`
      problems.push({ key, kind: 'unreadable', message })
      return []
    })
  }
  const answers = read('add-headers')
  const sent = read('proxy-set-headers')
  const backendHeaders = sent.map(({ name, value }) => [name, value] as const)
  const saysRoute = [...answers, ...sent].some(({ value }) => namesRoutes(value))
  const frame: FrameChoices = {
    ...(answers.length === 0 ? {} : { addsHeaders: true }),
    ...(backendHeaders.length === 0 ? {} : { backendHeaders }),
    ...(saysRoute ? { headersNameRoutes: true } : {}),
  }
  return { answers, frame, namesRoutes: saysRoute, problems }
}

const NO_NAME = {
  ok: false,
  reason: 'has a name that is none of a header, or one that frames messages or is of one connection',
} as const
