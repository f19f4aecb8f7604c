import type { Ingress, IngressPath } from '../../snapshot/objects.js'
import { parseBoolean } from '../../features/kinds/boolean.js'

/** A path of a new Ingress that somebody else has declared already. */
export interface Overlap {
  /** Path of the field, such as `spec.rules[0].http.paths[1].path`. */
  readonly field: string
  readonly host: string
  readonly path: string
  readonly other: Ingress
}

/**
 * ADM-2, check 11: the first path of `ingress` whose host and text another of `others` has declared. The text of a Prefix
 * path counts with and without its final slash; path types are not compared. Two Ingresses pass when exactly one of them is a
 * canary, or when one says something else about being one than yes.
 */
export function findOverlap(ingress: Ingress, others: Iterable<Ingress>, canaryKey: string): Overlap | undefined {
  const declared = declaredPaths(ingress)
  for (const other of others) {
    if (other.namespace === ingress.namespace && other.name === ingress.name) continue
    if (!mayClash(ingress, other, canaryKey)) continue
    for (const rule of other.rules) {
      const own = declared.get(rule.host.toLowerCase())
      if (own === undefined) continue
      for (const path of rule.paths ?? []) {
        for (const text of textsOf(path)) {
          const field = own.get(text)
          if (field !== undefined) return { field, host: rule.host, path: text, other }
        }
      }
    }
  }
  return undefined
}

/** Fields of the paths of an Ingress, by host and text. */
function declaredPaths(ingress: Ingress): Map<string, Map<string, string>> {
  const hosts = new Map<string, Map<string, string>>()
  for (const [r, rule] of ingress.rules.entries()) {
    const host = rule.host.toLowerCase()
    const paths = hosts.get(host) ?? new Map<string, string>()
    hosts.set(host, paths)
    for (const [p, { path }] of (rule.paths ?? []).entries()) {
      const text = path === '' ? '/' : path
      if (!paths.has(text)) paths.set(text, `spec.rules[${r}].http.paths[${p}].path`)
    }
  }
  return hosts
}

function textsOf({ path, pathType }: IngressPath): readonly string[] {
  const text = path === '' ? '/' : path
  return pathType === 'Exact' || text.endsWith('/') ? [text] : [text, `${text}/`]
}

function mayClash(a: Ingress, b: Ingress, canaryKey: string): boolean {
  const first = canaryOf(a, canaryKey)
  const second = canaryOf(b, canaryKey)
  return first !== 'unclear' && second !== 'unclear' && first === second
}

function canaryOf({ annotations }: Ingress, key: string): 'yes' | 'no' | 'unclear' {
  if (!Object.hasOwn(annotations, key)) return 'no'
  return parseBoolean(annotations[key] ?? '') === true ? 'yes' : 'unclear'
}
