import type { Document } from '../model/documents.js'
import type { Encoded } from './encode.js'

/** A document that NGINX has; `document` where it is known, since the same object needs no second look. */
export interface Running {
  readonly digest: string
  readonly document?: Document
}

/** What changes the running table into the desired one. */
export interface TablePlan {
  /** In the order in which they must go live: what is named before what names it. */
  readonly puts: readonly Put[]
  readonly drops: readonly string[]
  /** Contents that were replaced or dropped; to be freed once no request can still need them. */
  readonly stale: readonly Version[]
}

export interface Put extends Version {
  readonly content: string
  readonly document: Document
}

export interface Version {
  readonly key: string
  readonly digest: string
}

/**
 * Compares what runs with what is desired. `isHeld` names documents that may not go out yet, because they
 * need a profile that is not everywhere: those keep their running version, or none (make before break).
 */
export function planTable(
  running: ReadonlyMap<string, Running>,
  desired: ReadonlyMap<string, Document>,
  encode: (document: Document) => Encoded,
  isHeld: (document: Document) => boolean,
): TablePlan {
  const puts: Put[] = []
  const stale: Version[] = []
  for (const [key, document] of desired) {
    const live = running.get(key)
    if (live?.document === document) continue
    const { digest, content } = encode(document)
    const current = live?.digest
    if (current === digest || isHeld(document)) continue
    puts.push({ key, digest, content, document })
    if (current !== undefined) stale.push({ key, digest: current })
  }
  const drops: string[] = []
  for (const [key, { digest }] of running) {
    if (desired.has(key)) continue
    drops.push(key)
    stale.push({ key, digest })
  }
  return { puts: puts.sort(byKind), drops: drops.sort((a, b) => orderOf(b) - orderOf(a)), stale }
}

function byKind(a: Put, b: Put): number {
  return orderOf(a.key) - orderOf(b.key)
}

/** Upstreams, certificates and settings before the hosts that name them; hosts go first when things are dropped. */
function orderOf(key: string): number {
  return key.startsWith('h:') || key.startsWith('w:') ? 1 : 0
}

/** The profiles a document names. */
export function profilesOf(document: Document): readonly string[] {
  if (!('paths' in document)) return []
  const routes = [...Object.values(document.paths.exact), ...Object.values(document.paths.prefix), document.root]
  return routes.flatMap(({ profile }) => (profile === undefined ? [] : [profile]))
}
