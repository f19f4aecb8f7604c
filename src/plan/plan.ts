import type { Document } from '../model/documents.js'
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
  /** Documents that may not go out yet as they are, and what was kept for them; to be compared again next time. */
  readonly held: readonly string[]
}

export interface Put extends Version {
  readonly content: string
}

export interface Version {
  readonly key: string
  readonly digest: string
}

/** What may go out of a document now: itself, another in its place for the time being, or undefined: what runs stays. */
export type Admit = (key: string, document: Document) => Document | undefined

/**
 * Compares what runs, by digest, with what is desired, for those keys that may differ. Where `admit` does not let a
 * document out as it is, what runs in its place may name what nobody else wants any more, and that stays too (make
 * before break).
 */
export function planTable(
  keys: ReadonlySet<string>,
  running: ReadonlyMap<string, Pick<Version, 'digest'>>,
  desired: ReadonlyMap<string, Document>,
  encode: (document: Document) => Encoded,
  admit: Admit,
): TablePlan {
  const puts: Put[] = []
  const unwanted: Version[] = []
  const stale: Version[] = []
  const equal: Put[] = []
  const held: string[] = []
  for (const key of keys) {
    const document = desired.get(key)
    const current = running.get(key)?.digest
    if (document === undefined) {
      if (current !== undefined) unwanted.push({ key, digest: current })
      continue
    }
    const put = { key, ...encode(document) }
    if (current === put.digest) {
      equal.push(put)
      continue
    }
    const admitted = admit(key, document)
    if (admitted !== document) held.push(key)
    if (admitted === undefined) continue
    const now = admitted === document ? put : { key, ...encode(admitted) }
    if (current === now.digest) equal.push(now)
    else {
      puts.push(now)
      if (current !== undefined) stale.push({ key, digest: current })
    }
  }
  const isWaiting = held.length > 0
  const drops: string[] = []
  for (const version of unwanted) {
    if (isWaiting && isKept(version.key)) {
      held.push(version.key)
      continue
    }
    drops.push(version.key)
    stale.push(version)
  }
  drops.sort((a, b) => orderOf(b) - orderOf(a))
  return { puts: puts.sort(byKind), drops, stale, equal, held }
}

/** What is made of a Secret and keeps somebody out is not kept: without it whatever names it is closed. */
function isKept(key: string): boolean {
  return ['u:', 'c:', 'a:ranges/', 'a:auth/', 'a:client/'].some((start) => key.startsWith(start))
}

function byKind(a: Put, b: Put): number {
  return orderOf(a.key) - orderOf(b.key)
}

/**
 * What is named goes before what names it: upstreams, certificates, settings; hosts; patterns of hosts. Drops go
 * backwards.
 */
function orderOf(key: string): number {
  if (key.startsWith('n:')) return 2
  return key.startsWith('h:') || key.startsWith('w:') || key.startsWith('p:') ? 1 : 0
}
