import { createProblem } from '../../problems/create.js'
import type { Position, Problem } from '../../problems/problem.js'
import type { KubernetesObject } from '../../snapshot/objects.js'
import type { Store } from '../../snapshot/store.js'
import { keyOf, type LoadedObject } from './load.js'

/** Which file's declaration of an object counts: the first in order of file name, then of place in the file. */
export interface Claims {
  /** Puts what a file declares now in the place of what it declared before, and brings the store up to date. */
  replace(file: string, before: readonly LoadedObject[], after: readonly LoadedObject[]): void
  /** `object/duplicate` for every declaration that does not count. */
  problems(): readonly Problem[]
}

interface Claim {
  readonly file: string
  readonly object: KubernetesObject
}

/** `implied` objects stand in the store while no file declares them. */
export function createClaims(store: Store, implied: readonly KubernetesObject[]): Claims {
  const claims = new Map<string, readonly Claim[]>()
  const duplicates = new Map<string, readonly Problem[]>()
  const fallbacks = new Map(implied.map((object) => [keyOf(object.kind, object.namespace, object.name), object]))
  for (const object of implied) store.set(object)

  const settle = (key: string, before: readonly Claim[], after: readonly Claim[]): void => {
    const winner = after[0]?.object ?? fallbacks.get(key)
    const loser = before[0]?.object
    if (winner !== undefined) store.set(winner)
    else if (loser !== undefined) store.delete(loser.kind, loser.namespace, loser.name)
    if (after.length === 0) claims.delete(key)
    else claims.set(key, after)
    if (after.length > 1) duplicates.set(key, duplicateProblems(after))
    else duplicates.delete(key)
  }

  return {
    replace(file, before, after) {
      const declared = new Map<string, Claim[]>()
      for (const { key, object } of after) {
        const own = declared.get(key)
        if (own === undefined) declared.set(key, [{ file, object }])
        else own.push({ file, object })
      }
      for (const { key } of before) if (!declared.has(key)) declared.set(key, [])
      for (const [key, own] of declared) {
        const known = claims.get(key) ?? []
        const others = known.filter((claim) => claim.file !== file)
        // Node's sort is stable: declarations of one file stay in their order.
        settle(key, known, others.length === 0 ? own : [...others, ...own].sort(byFile))
      }
    },
    problems: () => [...duplicates.values()].flat(),
  }
}

function byFile(a: Claim, b: Claim): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0
}

function duplicateProblems(claims: readonly Claim[]): Problem[] {
  const [first, ...others] = claims
  if (first === undefined) return []
  const { kind, namespace, name } = first.object
  const counts = describePosition(first.object.source?.locate(''))
  return others.map(({ object }) => {
    const position = object.source?.locate('')
    const message = `It is declared at ${counts} and again at ${describePosition(position)}. The first counts; take one of them out.`
    return createProblem('object/duplicate', { kind, namespace, name }, '', message, position)
  })
}

function describePosition(position: Position | undefined): string {
  return position === undefined ? 'an unknown place' : `${position.file}:${position.line}`
}
