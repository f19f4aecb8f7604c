import type { Document, Paths, Route } from '../model/documents.js'
import type { Encoded } from './encode.js'

/** What changes the running table into the desired one. */
export interface TablePlan {
  /** In the order in which they must go live: what is named before what names it. */
  readonly puts: readonly Put[]
  readonly drops: readonly string[]
  /** Contents that were replaced or dropped; to be freed once no request can still need them. */
  readonly stale: readonly Version[]
  /** Compared, and found to run already. */
  readonly equal: readonly Put[]
  /** Documents that may not go out yet; to be compared again next time. */
  readonly held: readonly string[]
}

export interface Put extends Version {
  readonly content: string
}

export interface Version {
  readonly key: string
  readonly digest: string
}

/**
 * Compares what runs, by digest, with what is desired, for those keys that may differ. `isHeld` names documents that may
 * not go out yet, because they need a profile that is not everywhere: those keep their running version, or none (make
 * before break).
 */
export function planTable(
  keys: ReadonlySet<string>,
  running: ReadonlyMap<string, Pick<Version, 'digest'>>,
  desired: ReadonlyMap<string, Document>,
  encode: (document: Document) => Encoded,
  isHeld: (document: Document) => boolean,
): TablePlan {
  const puts: Put[] = []
  const drops: string[] = []
  const stale: Version[] = []
  const equal: Put[] = []
  const held: string[] = []
  for (const key of keys) {
    const document = desired.get(key)
    const current = running.get(key)?.digest
    if (document === undefined) {
      if (current === undefined) continue
      drops.push(key)
      stale.push({ key, digest: current })
      continue
    }
    const put = { key, ...encode(document) }
    if (current === put.digest) equal.push(put)
    else if (isHeld(document)) held.push(key)
    else {
      puts.push(put)
      if (current !== undefined) stale.push({ key, digest: current })
    }
  }
  return { puts: puts.sort(byKind), drops: drops.sort((a, b) => orderOf(b) - orderOf(a)), stale, equal, held }
}

function byKind(a: Put, b: Put): number {
  return orderOf(a.key) - orderOf(b.key)
}

/** What is named goes before what names it: upstreams, certificates, settings; hosts; patterns of hosts. Drops go backwards. */
function orderOf(key: string): number {
  if (key.startsWith('n:')) return 2
  return key.startsWith('h:') || key.startsWith('w:') || key.startsWith('p:') ? 1 : 0
}

/** The profiles a document names. */
export function profilesOf(document: Document): readonly string[] {
  if (!('paths' in document)) return []
  return [...routesOf(document.paths), document.root].flatMap(({ profile }) => (profile === undefined ? [] : [profile]))
}

function routesOf(paths: Paths): readonly Route[] {
  if (paths.kind === 'regex') return paths.patterns.map(({ route }) => route)
  return [...Object.values(paths.exact), ...Object.values(paths.prefix)]
}
