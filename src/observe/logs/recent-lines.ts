/** The newest lines as they came; bounded in number and in size. */
export interface RecentLines {
  add(line: string): void
  /** From the newest on. */
  newestFirst(): Iterable<string>
}

const MOST_LINES = 2_500
const MOST_CHARACTERS = 2_000_000

/** Two heaps, of which the older goes when the newer is full: between one and two of them are kept. */
export function createRecentLines(): RecentLines {
  let newer: string[] = []
  let older: string[] = []
  let characters = 0
  return {
    add(line) {
      if (newer.length >= MOST_LINES || characters >= MOST_CHARACTERS) {
        older = newer
        newer = []
        characters = 0
      }
      newer.push(line)
      characters += line.length
    },
    *newestFirst() {
      for (const lines of [newer, older]) for (let i = lines.length - 1; i >= 0; i--) yield lines[i] ?? ''
    },
  }
}
