/** Which objects of a kind are needed, by how many Ingresses and flags. */
export interface Needs {
  /** What an owner (an Ingress, a flag) needs now, as `namespace/name`. */
  replace(owner: string, keys: readonly string[]): void
  has(key: string): boolean
  keys(): Iterable<string>
}

/** `onChange` is called when one begins or ceases to be needed. */
export function createNeeds(onChange: (key: string, needed: 'needed' | 'not-needed') => void): Needs {
  const byOwner = new Map<string, readonly string[]>()
  const owners = new Map<string, number>()
  return {
    replace(owner, keys) {
      const before = byOwner.get(owner) ?? []
      if (keys.length === 0) byOwner.delete(owner)
      else byOwner.set(owner, keys)
      // New ones first, so that what stays is never let go in between.
      for (const key of keys) {
        const count = (owners.get(key) ?? 0) + 1
        owners.set(key, count)
        if (count === 1) onChange(key, 'needed')
      }
      for (const key of before) {
        const count = (owners.get(key) ?? 0) - 1
        if (count > 0) owners.set(key, count)
        else if (owners.delete(key)) onChange(key, 'not-needed')
      }
    },
    has: (key) => owners.has(key),
    keys: () => owners.keys(),
  }
}
