/** How many letters a misspelt name may be away from the one that was meant. */
const MOST_CHANGES = 3

/** The name that differs least from `text`; undefined when none is close. */
export function nearest(text: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.min(MOST_CHANGES, Math.floor(text.length / 3)) + 1
  for (const name of names) {
    const changes = Math.abs(text.length - name.length) < least ? changesBetween(text, name) : least
    if (changes < least) {
      least = changes
      best = name
    }
  }
  return best
}

/** Letters put in, left out or replaced (Levenshtein). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
