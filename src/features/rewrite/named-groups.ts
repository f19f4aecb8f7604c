import type { TextPart } from '../../model/text-part.js'

/** Texts know groups by one digit. */
const MOST = 9

/**
 * A backslash with what is behind it; a class of characters; what opens a group that is not counted; what opens one
 * that is, perhaps with its name.
 */
const TOKEN = /\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|\((?:\*|\?(?!P?<\w|'))|\((?:\?(?:P?<(\w+)>|'(\w+)'))?/g

/** Numbers of the groups of a pattern that have a name, `(?<name>…)`, as far as `$1` to `$9` reach. */
export function namedGroups(pattern: string): ReadonlyMap<string, number> {
  const groups = new Map<string, number>()
  let number = 0
  for (const [token, name, quoted] of pattern.matchAll(TOKEN)) {
    if (!token.startsWith('(') || token === '(*' || token === '(?') continue
    number++
    const called = name ?? quoted
    if (called !== undefined && number <= MOST && !groups.has(called)) groups.set(called, number)
  }
  return groups
}

/** The same text, in which the names of groups are their numbers: NGINX has each such group as a variable. */
export function bindGroups(parts: readonly TextPart[], groups: ReadonlyMap<string, number>): readonly TextPart[] {
  if (groups.size === 0) return parts
  return parts.map((part) => {
    const number = part.kind === 'variable' ? groups.get(part.name) : undefined
    return number === undefined ? part : { kind: 'variable', name: String(number) }
  })
}
