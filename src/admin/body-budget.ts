/** A body that is being received. */
export interface Receiving {
  /** More of it has come. */
  grow(bytes: number): void
  /** It was received, refused, or broke off: its bytes count no longer. */
  end(): void
}

/**
 * Bounds what bodies take that are received at the same time, all together. Beyond it the longest one is refused:
 * whoever sends long ones makes way for those who send short ones.
 *
 * @param mostBytes of all bodies
 */
export function createBodyBudget(mostBytes: number): { receive(refuse: () => void): Receiving } {
  const sizes = new Map<() => void, number>()
  let total = 0

  function end(refuse: () => void): void {
    total -= sizes.get(refuse) ?? 0
    sizes.delete(refuse)
  }

  function refuseLongest(): void {
    let longest: (() => void) | undefined
    for (const [one, size] of sizes) if (longest === undefined || size > (sizes.get(longest) ?? 0)) longest = one
    if (longest === undefined) return
    end(longest)
    longest()
  }

  return {
    receive(refuse) {
      sizes.set(refuse, 0)
      return {
        grow(bytes) {
          const size = sizes.get(refuse)
          if (size === undefined) return
          sizes.set(refuse, size + bytes)
          total += bytes
          while (total > mostBytes) refuseLongest()
        },
        end: () => end(refuse),
      }
    },
  }
}
