import { isIP } from 'node:net'
import { Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { differences } from '../../collections/differences.js'
import type { ConfigMap, Ingress, Service } from '../../snapshot/objects.js'
import { authHosts, globalAuthHosts } from '../../snapshot/auth-url.js'
import { mirrorHosts } from '../../snapshot/mirror-target.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { codeOf } from '../error-code.js'
import { candidateNames, parseSearchRules, type SearchRules } from './resolv-conf.js'

/** Asks for the records of one full name. */
export type Lookup = (name: string, type: 'A' | 'AAAA') => Promise<LookupAnswer>

/** `none`: the name or the record does not exist. `failed`: nobody could say. */
export type LookupAnswer =
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly ttlSeconds: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed' }

/** Keeps the addresses of names that ExternalName Services point to (SVC-6). */
export interface Names {
  /** Says which names are wanted now; asks for the new ones, and forgets the others. */
  want(names: ReadonlySet<string>): void
  /** Resolves when every wanted name has been asked for once, at the latest after so many milliseconds. */
  firstAnswers(withinMs: number): Promise<void>
  stop(): void
}

export interface NamesOptions {
  readonly rules: SearchRules
  readonly lookup: Lookup
  /** Called when the addresses of a name changed; undefined when it does not resolve. The same list while it is equal. */
  readonly onAddresses: (name: string, addresses: readonly string[] | undefined) => void
}

interface Wanted {
  addresses: readonly string[] | undefined
  timer: NodeJS.Timeout | undefined
  first: Promise<void>
}

/** Names are asked for again when their TTL has run out, at least a second apart; those without an answer each second. */
export function createNames({ rules, lookup, onAddresses }: NamesOptions): Names {
  const wanted = new Map<string, Wanted>()

  const ask = async (name: string, entry: Wanted): Promise<void> => {
    const answer = await resolveName(name, rules, lookup)
    // Not wanted any more; or wanted again since, which has questions of its own.
    if (wanted.get(name) !== entry) return
    // Nobody could say: the last good answer stays.
    if (answer.kind !== 'failed') {
      const addresses = answer.kind === 'found' ? [...answer.addresses].sort() : undefined
      if (addresses?.join() !== entry.addresses?.join()) {
        entry.addresses = addresses === undefined ? undefined : Object.freeze(addresses)
        onAddresses(name, entry.addresses)
      }
    }
    const seconds = answer.kind === 'found' ? clamp(answer.ttlSeconds, 1, 86_400) : 1
    entry.timer = setTimeout(() => void ask(name, entry), seconds * 1000)
    entry.timer.unref()
  }

  return {
    want(names) {
      for (const [name, entry] of wanted) {
        if (names.has(name)) continue
        clearTimeout(entry.timer)
        wanted.delete(name)
        if (entry.addresses !== undefined) onAddresses(name, undefined)
      }
      for (const name of names) {
        if (wanted.has(name)) continue
        const entry: Wanted = { addresses: undefined, timer: undefined, first: Promise.resolve() }
        wanted.set(name, entry)
        entry.first = ask(name, entry)
      }
    },
    async firstAnswers(withinMs) {
      if (wanted.size === 0) return
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs)
      })
      await Promise.race([late, Promise.all([...wanted.values()].map(({ first }) => first))])
      clearTimeout(timer)
    },
    stop() {
      for (const { timer } of wanted.values()) clearTimeout(timer)
      wanted.clear()
    },
  }
}

/**
 * The first full name that has an A record, or else an AAAA record. No name server is asked for localhost (RFC 6761,
 * 6.3).
 */
export async function resolveName(name: string, rules: SearchRules, lookup: Lookup): Promise<LookupAnswer> {
  if (/^(.*\.)?localhost\.?$/i.test(name)) return { kind: 'found', addresses: ['127.0.0.1'], ttlSeconds: 86_400 }
  let failed = false
  for (const candidate of candidateNames(name, rules)) {
    for (const type of ['A', 'AAAA'] as const) {
      const answer = await lookup(candidate, type)
      if (answer.kind === 'found') return answer
      if (answer.kind === 'failed') failed = true
    }
  }
  return failed ? { kind: 'failed' } : { kind: 'none' }
}

/** Objects that may name something to resolve. */
export type NamingObjects = Pick<Snapshot, 'configMaps' | 'ingresses' | 'services'>

/**
 * Names that have to be resolved: what ExternalName Services and mirrors point to, and where auth services are, unless it is
 * an address already.
 */
export function namesToResolve({ configMaps, ingresses, services }: NamingObjects): ReadonlySet<string> {
  const names = new Set([...services.values()].flatMap((service) => nameOf(service) ?? []))
  for (const ingress of ingresses.values()) for (const name of namesIn(ingress)) names.add(name)
  for (const configMap of configMaps.values()) for (const name of globalNames(configMap)) names.add(name)
  return names
}

/** Whether other names have to be resolved than before: most changes are of objects that name none. */
export function hasOtherNames(before: NamingObjects, after: NamingObjects): boolean {
  return (
    differences(before.services, after.services).some((changed) => nameOf(changed.before) !== nameOf(changed.after)) ||
    differences(before.ingresses, after.ingresses).some(
      (changed) => namesIn(changed.before).join() !== namesIn(changed.after).join(),
    ) ||
    differences(before.configMaps, after.configMaps).some(
      (changed) => globalNames(changed.before).join() !== globalNames(changed.after).join(),
    )
  )
}

function namesIn(ingress: Ingress | undefined): readonly string[] {
  if (ingress === undefined) return []
  return [...mirrorHosts(ingress.annotations), ...authHosts(ingress)].filter((host) => isIP(host) === 0)
}

function globalNames(configMap: ConfigMap | undefined): readonly string[] {
  return configMap === undefined ? [] : globalAuthHosts(configMap.data).filter((host) => isIP(host) === 0)
}

function nameOf(service: Service | undefined): string | undefined {
  if (service?.type !== 'ExternalName') return undefined
  const { externalName } = service
  return externalName === '' || isIP(externalName) !== 0 ? undefined : externalName
}

/** Asks name servers: `servers` as `address:port`, by default those of the machine. */
export function createLookup(servers?: readonly string[]): Lookup {
  let resolver: Resolver | undefined
  return async (name, type) => {
    resolver ??= createResolver(servers)
    try {
      const records =
        type === 'A' ? await resolver.resolve4(name, { ttl: true }) : await resolver.resolve6(name, { ttl: true })
      if (records.length === 0) return { kind: 'none' }
      const ttlSeconds = Math.min(...records.map(({ ttl }) => ttl))
      return { kind: 'found', addresses: records.map(({ address }) => address), ttlSeconds }
    } catch (error) {
      const absent = ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes(codeOf(error))
      return { kind: absent ? 'none' : 'failed' }
    }
  }
}

function createResolver(servers: readonly string[] | undefined): Resolver {
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  if (servers !== undefined) resolver.setServers(servers)
  return resolver
}

/** The machine's search rules; none where there is no resolv.conf. */
export function readSearchRules(path = '/etc/resolv.conf'): SearchRules {
  try {
    return parseSearchRules(readFileSync(path, 'utf8'))
  } catch {
    return { search: [], ndots: 1 }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
