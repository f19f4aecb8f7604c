import type { Kind } from '../features/kinds/kind.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { ConfigMap } from '../snapshot/objects.js'
import type { Key, KeyProblem, KeyWithoutEffect } from './declare.js'
import { spanExportOf } from './keys/tracing.js'
import { keys, type Values } from './index.js'
import { logTargetsOf } from './log-targets.js'
import { oldTlsProblems } from './old-tls.js'
import { accessLogOf, clientAddressOf, compressionOf, serverHeaderOf, sessionCacheOf, streamsOf } from './read-frame.js'

export type { KeyProblem } from './declare.js'

/** CM-1..3: a bad value costs only its own key. */
export function readKeys(configMap: ConfigMap | undefined): {
  readonly values: Values
  readonly frame: FrameChoices
  readonly problems: readonly KeyProblem[]
} {
  const values: Record<string, unknown> = {}
  const problems: KeyProblem[] = []
  let frame: FrameChoices = {}
  for (const [name, text] of Object.entries(configMap?.data ?? {})) {
    const declared = declaredOf(name)
    if (declared === undefined) continue
    if ('withoutEffect' in declared) {
      if (text.trim() !== '') problems.push(withoutEffect(name, declared, text))
      continue
    }
    const read = valueOf(declared.kind, text.trim())
    if (read.ok) {
      values[name] = read.value
      frame = { ...frame, ...declared.frame?.(read.value) }
      if (read.skipped !== undefined)
        problems.push({ key: name, kind: 'unreadable', message: unreadable(text, read.skipped, 'the rest is used') })
      continue
    }
    const { strict, fallback, secret } = declared
    if (strict !== undefined) {
      const value = strict.read(text)
      values[name] = value
      frame = { ...frame, ...declared.frame?.(value) }
    }
    const message = unreadable(secret === true ? '…' : text, read.reason, strict?.instead ?? `${fallback} is used`)
    problems.push({ key: name, kind: 'unreadable', message })
  }
  const typed = values as Values // each was read by the kind of its key
  const targets = logTargetsOf(typed)
  return {
    values: typed,
    frame: {
      ...frame,
      ...accessLogOf(typed),
      ...compressionOf(typed),
      ...clientAddressOf(typed),
      ...sessionCacheOf(typed),
      ...serverHeaderOf(typed),
      ...spanExportOf(typed),
      ...streamsOf(typed),
      ...targets.frame,
    },
    problems: [...problems, ...targets.problems, ...oldTlsProblems(typed)],
  }
}

function withoutEffect(name: string, { withoutEffect: why, read }: KeyWithoutEffect, text: string): KeyProblem {
  const { message, keepsOut } = read?.(text) ?? { message: why, keepsOut: false }
  return { key: name, kind: keepsOut ? 'keeps nobody out' : 'without effect', message: `It has no effect. ${message}` }
}

/** `instead` says what happens. */
export function unreadable(text: string, reason: string, instead: string): string {
  return `The value ${shorten(text)} ${reason}; ${instead}.`
}

/** A text in quotation marks, for people. */
export function shorten(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}

function declaredOf(name: string): Key<unknown> | KeyWithoutEffect | undefined {
  return Object.hasOwn(keys, name)
    ? (keys as Readonly<Record<string, Key<unknown> | KeyWithoutEffect>>)[name]
    : undefined
}

/** CM-3: an empty text is a boolean's false, and a number's 0 where it may be that. */
function valueOf<T>(kind: Kind<T>, text: string): ReturnType<Kind<T>['parse']> {
  if (text !== '') return kind.parse(text)
  for (const empty of ['false', '0']) {
    const read = kind.parse(empty)
    if (read.ok && typeof read.value !== 'string') return read
  }
  return kind.parse('')
}
