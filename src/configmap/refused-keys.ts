import { keys } from './index.js'
import type { Key, KeyProblem } from './declare.js'
import { shorten } from './read.js'
import type { TriedKeys } from '../model/tried-keys.js'
import type { ConfigMap } from '../snapshot/objects.js'

/**
 * The ConfigMap with what NGINX takes of it. A text that it refused, for a reason that no check here knows, costs its own key
 * only (better than CM-5): the text before holds where NGINX took one, and the default where not.
 */
export function withoutRefused(
  configMap: ConfigMap | undefined,
  { refused, taken }: TriedKeys,
): { readonly used: ConfigMap | undefined; readonly problems: readonly KeyProblem[] } {
  if (configMap === undefined || refused.size === 0) return { used: configMap, problems: [] }
  const data: Record<string, string> = {}
  const problems: KeyProblem[] = []
  for (const [key, text] of Object.entries(configMap.data)) {
    const reasons = refused.get(key)
    const reason = reasons?.get(text)
    if (reason === undefined) {
      data[key] = text
      continue
    }
    const before = taken.get(key)
    const holds = before !== undefined && reasons?.has(before) !== true ? before : undefined
    const instead = holds ?? refusedAs(key)?.text
    if (instead !== undefined) data[key] = instead
    problems.push({ key, kind: 'unreadable', message: describe(key, text, reason, holds) })
  }
  return { used: { ...configMap, data }, problems }
}

/** Texts of the keys that NGINX's file depends on, by name. */
export function frameTexts(configMap: ConfigMap | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(configMap?.data ?? {}).filter(([key]) => isOfFrame(key)))
}

function isOfFrame(key: string): boolean {
  const declared = declaredAs(key)
  return declared !== undefined && 'changes' in declared && declared.changes === 'frame'
}

function describe(key: string, text: string, reason: string, holds: string | undefined): string {
  const declared = declaredAs(key)
  const isSecret = declared !== undefined && 'secret' in declared && declared.secret
  const fallback = declared !== undefined && 'fallback' in declared ? declared.fallback : 'the default'
  const without = refusedAs(key)?.instead ?? `${fallback} is used`
  const instead = holds === undefined ? without : `${isSecret ? 'the value before' : shorten(holds)} stays in force`
  return `NGINX refuses ${isSecret ? 'the value' : `the value ${shorten(text)}`} (${reason.replace(/\.$/, '')}); ${instead}.`
}

function refusedAs(key: string): Key<unknown>['refused'] {
  const declared = declaredAs(key)
  return declared !== undefined && 'refused' in declared ? declared.refused : undefined
}

function declaredAs(key: string): (typeof keys)[keyof typeof keys] | undefined {
  return Object.hasOwn(keys, key) ? keys[key as keyof typeof keys] : undefined // it has it
}
