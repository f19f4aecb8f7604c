import { areUsual } from './asked-words.js'
import { readRaw } from './raw-variables.js'

/** What `$asked` says of a request (`asked-words.ts`). */
export function readAsked(): string {
  return readRaw('asked') ?? ''
}

/** Names by their usual words: it is cheaper to look for them than to read the name, and to put the words together. */
let names: Record<string, string | undefined> = {}
let count = 0

/** As many as decoded documents (`cache.ts`). */
const LIMIT = 20_000

/** The name that was asked for in usual words; undefined: it has to be read. */
export function recallName(asked: string): string | undefined {
  return names[asked]
}

/** For the next request. Of hosts in the table only: clients can invent any number of others. */
export function keepName(asked: string, name: string): void {
  if (!areUsual(asked, name)) return
  if (count >= LIMIT) {
    names = {}
    count = 0
  }
  names[asked] = name
  count++
}

export function isUsual(asked: string, name: string): boolean {
  return names[asked] !== undefined || areUsual(asked, name)
}
