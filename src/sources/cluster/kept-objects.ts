import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../../problems/problem.js'
import type { KubernetesObject, ObjectKind } from '../../snapshot/objects.js'
import { type ParsedObject, parseObject } from '../../snapshot/parse.js'
import type { Store } from '../../snapshot/store.js'
import { cutObject } from './cut.js'

/** What arrives of a cluster, parsed and put into the store. */
export interface KeptObjects {
  /** An object as it was sent. One that does not parse is a problem, and its last good version stays. */
  set(kind: ObjectKind, raw: ParsedObject): void
  delete(kind: ObjectKind, namespace: string, name: string): void
  /** `object/invalid` of every object that does not parse. */
  problems(): readonly Problem[]
}

/** Parses an object of the API server, cut down to what is read. */
export function parseRaw(kind: ObjectKind, raw: unknown): ParsedObject {
  return parseObject(cutObject(kind, raw), undefined)
}

/** `onObject` hears of every object that is new or different, and of each that is gone, after the store has it. */
export function createKeptObjects(
  store: Store,
  onObject: (key: ObjectKey, object: KubernetesObject | undefined) => void,
): KeptObjects {
  const invalid = new Map<string, readonly Problem[]>()
  return {
    set(kind, { object, about, problems }) {
      if (object === undefined) {
        if (about !== undefined) invalid.set(`${kind}/${about.namespace}/${about.name}`, problems)
        return
      }
      const { namespace, name } = object
      invalid.delete(`${kind}/${namespace}/${name}`)
      // The same object for the translation, when only something changed that nobody reads.
      if (isDeepStrictEqual(store.get(kind, namespace, name), object)) return
      store.set(object)
      onObject({ kind, namespace, name }, object)
    },
    delete(kind, namespace, name) {
      invalid.delete(`${kind}/${namespace}/${name}`)
      if (store.get(kind, namespace, name) === undefined) return
      store.delete(kind, namespace, name)
      onObject({ kind, namespace, name }, undefined)
    },
    problems: () => [...invalid.values()].flat(),
  }
}

export interface ObjectKey {
  readonly kind: ObjectKind
  readonly namespace: string
  readonly name: string
}
