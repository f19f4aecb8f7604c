import { byteAt, find, slice } from '#bytes'

/**
 * What `$asked` says of a request (`src/frame/http.ts`), with a blank between each: the name that it is routed by, its
 * Host header, an id that it brings, another protocol that it asks for, and whether there is a body, or HTTP/2, where
 * there may be one without a word. NGINX takes no blank in the first two, and none at the beginning or the end of the
 * others; clients have no words of their own for the last.
 */

/** What a request asks that is for a host by its own name, and of which there is nothing else to see to. */
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

/**
 * The usual words in what a request of HTTP/2 asks, of which nobody knows whether it has a body. undefined: there is
 * more to it, or it is not of HTTP/2 over TLS.
 */
export function wordsOfUnsized(asked: string): string | undefined {
  const end = asked.length - HTTP2.length
  return slice(asked, end, asked.length) === HTTP2 ? slice(asked, 0, end + 3) : undefined
}

/** Nothing behind the fourth blank is seen before anything is put together. */
export function areUsual(asked: string, name: string): boolean {
  return byteAt(asked, asked.length - 1) === BLANK && asked === usualWords(name)
}

const BLANK = 32
