import { find, slice } from '#bytes'
import { drop, forget, put, writeRevision } from './store.js'

/**
 * Changes of the table as text, the same in a push and in a snapshot file; one record after the other:
 *
 *     set KEY DIGEST LENGTH, newline, LENGTH bytes of content, newline
 *     drop KEY, newline
 *     forget KEY DIGEST, newline
 *     revision NUMBER, newline
 *
 * Gives what is wrong, if anything is; records before that have been carried out.
 */
export function applyRecords(text: string, from: number, pause: () => void): string | undefined {
  let position = from
  let count = 0
  while (position < text.length) {
    const end = find(text, '\n', position)
    if (end < 0) return `record at byte ${position} has no end`
    const words = splitWords(slice(text, position, end))
    position = end + 1
    const verb = words[0]
    const key = words[1] ?? ''
    const digest = words[2] ?? ''
    if (verb === 'set') {
      const length = tonumber(words[3]) ?? -1
      if (length < 0 || position + length >= text.length) return `record "set ${key}" is cut short`
      const problem = put(key, digest, slice(text, position, position + length))
      if (problem !== undefined) return `"set ${key}": ${problem}`
      position = position + length + 1
    } else if (verb === 'drop') drop(key)
    else if (verb === 'forget') forget(key, digest)
    else if (verb === 'revision') {
      const problem = writeRevision(tonumber(key) ?? 0)
      if (problem !== undefined) return `"revision": ${problem}`
    } else return `unknown record "${verb}" before byte ${position}`
    count++
    if (count % 500 === 0) pause()
  }
  return undefined
}

function splitWords(line: string): string[] {
  const words: string[] = []
  let start = 0
  while (start <= line.length) {
    const blank = find(line, ' ', start)
    const end = blank < 0 ? line.length : blank
    words.push(slice(line, start, end))
    start = end + 1
  }
  return words
}
