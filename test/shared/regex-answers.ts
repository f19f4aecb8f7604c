import { slice } from '#bytes'
import { rewrite } from '../../src/features/rewrite/edge.js'
import type { HostDocument, Route } from '../../src/model/documents.js'
import { findHost } from '../../src/model/host.js'
import type { Letters, Match, MatchPattern } from '../../src/model/match.js'
import { findRegexRoute } from '../../src/model/regex-path.js'
import type { Table } from '../../src/model/table.js'
import { escapePath } from '../../src/request/escape.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Passage } from '../../src/request/passage.js'
import { parseVariables } from '../../src/request/variables.js'

const FAILED: Match = { kind: 'failed' }
let matches: Readonly<Record<string, Match>> = {}

/** What matches come to in the calls that follow, by `matchKey`. */
export function setMatches(known: Readonly<Record<string, Match>>): void {
  matches = known
}

export function matchKey(pattern: string, text: string, letters: Letters): string {
  return `${letters} ${pattern.length} ${pattern}${text}`
}

const matchKnown: MatchPattern = (pattern, text, letters) => matches[matchKey(pattern, text, letters)] ?? FAILED

/** The name of the host that answers for a name; what is not known of its patterns fails. */
export function answerHost(table: Table, name: string): string {
  return findHost(table, name, { match: matchKnown })?.name ?? '-'
}

/** The route of a host whose paths are patterns, with the groups, as answers.ts has it; what is not known fails. */
export function answerRegexRoute(table: Table, name: string, path: string): string {
  const host = findHost(table, name, { match: matchKnown })
  if (host?.paths.kind !== 'regex') return '-'
  const found = findRegexRoute(host, host.paths, path, matchKnown)
  if (found.kind === 'failed') return `failed|${found.route.path}`
  let captures = ''
  for (const capture of found.captures) captures = `${captures}|${capture}`
  return `found|${found.route.path}${captures}`
}

/** What a rewrite makes of a path that `^/(.*)/(.*)` matched: path and query for the backend, or where it redirects. */
export function answerRewrite(_table: Table, target: string, first: string, second: string): string {
  const route: Route = { path: '/', match: 'regex', action: { kind: 'answer', status: 200, label: '' } }
  const host: HostDocument = { name: 'a.test', root: route, paths: { kind: 'regex', patterns: [] } }
  const passage: Passage = {
    asked: { scheme: () => 'http', name: 'a.test', routed: 'a.test', path: '/', target: () => '/x?q=%20' },
    host,
    route: {
      path: '/',
      match: 'regex',
      action: route.action,
      features: { rewrite: { target: parseVariables(target), absolute: slice(target, 0, 7) === 'http://' } },
    },
    captures: [`/${first}/${second}`, first, second],
  }
  const request = createRequest({ variables: { host: 'a.test', hostile: '\r\n\x00"%?# ' } })
  const verdict = rewrite.run(passage, request)
  if (verdict !== undefined) return verdict.kind === 'redirect' ? `redirect ${verdict.location}` : `${verdict.status}`
  return `to ${escapePath(passage.upstreamPath ?? '-')}`
}
