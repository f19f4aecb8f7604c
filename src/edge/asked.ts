import { readRaw } from './raw-variables.js'

/**
 * What `$asked` says of a request (`src/frame/http.ts`): the name that it is routed by, its Host header, and behind a second blank whatever there
 * is else to see to: a body, or HTTP/2, where there may be one without a word.
 */
export function readAsked(): string {
  return readRaw('asked') ?? ''
}

/** The same of a request that asks for a host by its own name, and of which there is nothing else to see to. */
export function usualWords(name: string): string {
  return `${name} ${name} `
}
