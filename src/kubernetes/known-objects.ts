import { identityOf } from './raw-object.js'

/** What becomes of the objects of a reflector. Whatever these functions throw is reported, and goes no further. */
export interface ObjectHandler<T> {
  onSet(object: T, namespace: string, name: string): void
  onDelete(namespace: string, name: string): void
  /** A sentence about something that was thrown. */
  onFault(message: string): void
}

/** Which objects were handed on, by their version, so that a list can be compared with them. */
export interface KnownObjects {
  /** An object as the API server has it now. `list`: it came with that list. */
  set(raw: unknown, list: ListUnderWay | undefined): void
  delete(raw: unknown, list: ListUnderWay | undefined): void
  /** The list is complete: what is known and not in it is gone. */
  finish(list: ListUnderWay): void
}

/** The keys that a list has shown so far. */
export type ListUnderWay = Set<string>

/** `project` gives what is kept of an object; undefined: it is as good as absent. */
export function createKnownObjects<T>(
  project: (raw: unknown) => T | undefined,
  handler: ObjectHandler<T>,
): KnownObjects {
  const versions = new Map<string, string>()

  const guard = (what: string, action: () => void): boolean => {
    try {
      action()
      return true
    } catch (cause) {
      handler.onFault(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`)
      return false
    }
  }

  const remove = (key: string): void => {
    if (!versions.delete(key)) return
    const [namespace = '', name = ''] = key.split('/')
    guard(`deleting ${key}`, () => handler.onDelete(namespace, name))
  }

  return {
    set(raw, list) {
      const identity = identityOf(raw)
      if (identity === undefined) return handler.onFault('an object without a name was left out')
      const { namespace, name, version } = identity
      const key = `${namespace}/${name}`
      list?.add(key)
      // A list shows mostly what is known already.
      if (version !== '' && versions.get(key) === version) return
      const done = guard(`taking ${key}`, () => {
        const object = project(raw)
        if (object === undefined) return remove(key)
        // Before it is handed on, so that an object whose handler throws can still be deleted.
        versions.set(key, '')
        handler.onSet(object, namespace, name)
        versions.set(key, version)
      })
      // No version: the next list brings it again.
      if (!done && versions.has(key)) versions.set(key, '')
    },
    delete(raw, list) {
      const identity = identityOf(raw)
      if (identity === undefined) return
      const key = `${identity.namespace}/${identity.name}`
      list?.delete(key)
      remove(key)
    },
    finish(list) {
      // A Map may lose entries while it is walked through.
      for (const key of versions.keys()) if (!list.has(key)) remove(key)
    },
  }
}
