import { byteAt, find, slice } from '#bytes'
import { readRaw } from './raw-variables.js'

/**
 * What `$asked` says of a request (`src/frame/http.ts`): the name that it is routed by, its Host header, an id that it brings, another protocol that it asks for, and
 * behind a fourth blank whether there is a body, or HTTP/2, where there may be one without a word.
 */
export function readAsked(): string {
  return readRaw('asked') ?? ''
}

/** The same of a request that asks for a host by its own name, and of which there is nothing else to see to. */
export function usualWords(name: string): string {
  return `${name} ${name}   `
}

/** The same as a request without an id would ask. Who brings one, a proxy in front as a rule, brings another each time. */
export function withoutId(asked: string): string {
  // A Host header of as many letters as the name: any other is unusual anyway.
  const second = 2 * find(asked, ' ', 0) + 1
  if (byteAt(asked, second) !== BLANK || byteAt(asked, second + 1) === BLANK) return asked
  const third = find(asked, ' ', second + 1)
  return third < 0 ? asked : `${slice(asked, 0, second + 1)} ${slice(asked, third + 1, asked.length)}`
}

/** What HTTP/2 over TLS adds, where there is no more to say: no id, no other protocol, no length, and nothing of HTTP/1. */
const HTTP2 = '   h2'

/** The usual words in what a request of HTTP/2 asks, of which nobody knows whether it has a body. undefined: there is more to it, or it is not of HTTP/2 over TLS. */
export function wordsOfUnsized(asked: string): string | undefined {
  const end = asked.length - HTTP2.length
  return slice(asked, end, asked.length) === HTTP2 ? slice(asked, 0, end + 3) : undefined
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

/** Nothing behind the fourth blank is seen before anything is put together. */
function areUsual(asked: string, name: string): boolean {
  return byteAt(asked, asked.length - 1) === BLANK && asked === usualWords(name)
}

const BLANK = 32
