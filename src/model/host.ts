import { byteAt, find, slice } from '#bytes'
import type { HostDocument, NamePattern } from './documents.js'
import { DEFAULT_BACKEND } from './keys.js'
import type { MatchPattern } from './match.js'
import { PLAIN_POOL } from './pool-key.js'
import type { Table } from './table.js'

const DOT = 46
const HYPHEN = 45
const UNDERSCORE = 95

interface Matching {
  readonly match: MatchPattern
}

/**
 * The host that answers for a name in lower case, without port and final dot: exact, then wildcard, then the first pattern
 * that matches, then default (HOST-2). `port` and not its function, so that a name which needs no match does not look it up.
 */
export function findHost(table: Table, name: string, port: Matching): HostDocument | undefined {
  const exact = table.host(name)
  if (exact !== undefined) return exact
  const parent = wildcardParent(name)
  if (parent !== undefined) {
    const wildcard = table.wildcard(parent)
    if (wildcard !== undefined) return wildcard
  }
  const standard = table.defaultHost()
  if (standard === undefined || standard.asksPatterns !== true) return standard
  if (isOwned(table, name)) return RESERVED_HOST
  const found = findNamePattern(table, name, port.match)
  if (found === 'failed') return UNDECIDED_HOST
  return found === undefined ? standard : (table.patternHost(found.host) ?? standard)
}

/** What answers where a match failed: which host the name belongs to cannot be known, so every request gets 503. */
export const UNDECIDED_HOST: HostDocument = {
  name: '~',
  paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
  root: { path: '/', match: 'implicit', action: { kind: 'answer', status: 503, label: '' } },
}

/** What answers for names of owners that no Ingress may be served for: as where nobody declares anything (DEF-1). */
export const RESERVED_HOST: HostDocument = {
  name: '-',
  paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
  root: { path: '/', match: 'implicit', action: { kind: 'proxy', upstream: DEFAULT_BACKEND, pool: PLAIN_POOL } },
  reserved: true,
}

/** Whether a name is below one that has an owner. */
function isOwned(table: Table, name: string): boolean {
  const below = table.names()?.ownedBelow
  if (below === undefined) return false
  for (let dot = find(name, '.', 0); dot >= 0; dot = find(name, '.', dot + 1)) {
    if (below[slice(name, dot + 1, name.length)] === true) return true
  }
  return false
}

/** The first pattern that matches a name. A match that fails ends the search: the name may have belonged to that host. */
export function findNamePattern(table: Table, name: string, match: MatchPattern): NamePattern | 'failed' | undefined {
  for (const one of table.names()?.patterns ?? []) {
    if (slice(name, 0, one.head.length) !== one.head) continue
    const { kind } = match(one.pattern, name, 'caseless')
    if (kind === 'match') return one
    if (kind === 'failed') return 'failed'
  }
  return undefined
}

/**
 * Whose certificates are served for a TLS server name: those of the host, else of the wildcard above it (CERT-5, CERT-6).
 * undefined: the default certificate is.
 */
export function findCertified(table: Table, serverName: string): HostDocument | undefined {
  const exact = table.host(serverName)
  if (exact?.certificate !== undefined) return exact
  const parent = wildcardParent(serverName)
  const wildcard = parent === undefined ? undefined : table.wildcard(parent)
  return wildcard?.certificate === undefined ? undefined : wildcard
}

/** What follows the first label, where that label may stand for the `*` of a wildcard host (HOST-3). */
export function wildcardParent(name: string): string | undefined {
  const dot = find(name, '.', 0)
  if (dot < 1) return undefined
  for (let i = 0; i < dot; i++) {
    if (!isLabelByte(byteAt(name, i))) return undefined
  }
  return slice(name, dot + 1, name.length)
}

function isLabelByte(byte: number): boolean {
  if (byte >= 97 && byte <= 122) return true
  if (byte >= 48 && byte <= 57) return true
  if (byte >= 65 && byte <= 90) return true
  return byte === HYPHEN || byte === UNDERSCORE
}

/** A server name as the table spells it: lower case is the caller's business, the final dot goes here. */
export function withoutFinalDot(name: string): string {
  const last = name.length - 1
  return last >= 0 && byteAt(name, last) === DOT ? slice(name, 0, last) : name
}
