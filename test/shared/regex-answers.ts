import { findHost } from '../../src/model/host.js'
import type { Letters, Match } from '../../src/model/match.js'
import { findRegexRoute } from '../../src/model/regex-path.js'
import type { Table } from '../../src/model/table.js'

const FAILED: Match = { kind: 'failed' }
let matches: Readonly<Record<string, Match>> = {}

/** What matches come to in the calls that follow, by `matchKey`. */
export function setMatches(known: Readonly<Record<string, Match>>): void {
  matches = known
}

export function matchKey(pattern: string, text: string, letters: Letters): string {
  return `${letters} ${pattern.length} ${pattern}${text}`
}

/** The route of a host whose paths are patterns, with the groups, as answers.ts has it; what is not known fails. */
export function answerRegexRoute(table: Table, name: string, path: string): string {
  const host = findHost(table, name)
  if (host?.paths.kind !== 'regex') return '-'
  const found = findRegexRoute(host, host.paths, path, (pattern, text, letters) => {
    return matches[matchKey(pattern, text, letters)] ?? FAILED
  })
  if (found.kind === 'failed') return `failed|${found.route.path}`
  let captures = ''
  for (const capture of found.captures) captures = `${captures}|${capture}`
  return `found|${found.route.path}${captures}`
}
