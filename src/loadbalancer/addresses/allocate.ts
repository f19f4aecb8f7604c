import type { IpFamily } from '../views.js'
import type { Pool } from './config.js'
import { contains, parseIp, printIp } from './ip.js'
import type { AddressRequest, Share } from './request.js'

/** Who has an address. */
export interface Holding {
  /** `namespace/name` and uid of the Service. */
  readonly key: string
  readonly uid: string
  readonly addresses: readonly string[]
  readonly share: Share
}

export type Allocated =
  | { readonly ok: true; readonly addresses: readonly string[] }
  /** Why there is none, and how to get one. */
  | { readonly ok: false; readonly message: string }

/** Beyond so many addresses of a pool a free one is not looked for: pools of IPv6 have no end. */
const MOST_TRIED = 65_536

/**
 * The addresses of a Service: those that it has, as long as it may have them; else the first that are free, in the order
 * of the pools. Nothing is ever given to two Services that do not share it. `others` must be all that anybody else has.
 */
export function allocate(
  request: AddressRequest,
  current: readonly string[],
  pools: readonly Pool[],
  others: readonly Holding[],
): Allocated {
  const taken = byAddress(others)
  const named = pools.find(({ name }) => name === request.pool)
  if (request.pool !== '' && named === undefined) {
    return no(`There is no pool ${request.pool}; there are ${pools.map(({ name }) => name).join(', ')}.`)
  }
  const usable = pools.filter((pool) => mayUse(pool, request))
  if (request.addresses.length > 0) return allocateNamed(request, usable, taken)
  const addresses: string[] = []
  for (const family of request.families) {
    const kept = current.find((address) => {
      return parseIp(address)?.family === family && usable.some((pool) => gives(pool, address, request))
    })
    const whoHasIt = kept === undefined ? undefined : conflict(kept, request.share, taken)
    const found =
      kept !== undefined && whoHasIt === undefined
        ? kept
        : firstFree(
            family,
            usable.filter((pool) => pool.autoAssign || request.pool === pool.name),
            request,
            taken,
          )
    if (found !== undefined) addresses.push(found)
    else if (request.stack === 'all required') return no(noneLeft(family, request, usable))
  }
  return addresses.length > 0 ? { ok: true, addresses } : no(noneLeft(request.families[0] ?? 'IPv4', request, usable))
}

/** Whether two Services may have one address. */
export function mayShare(a: Share, b: Share): boolean {
  return a.key !== '' && a.key === b.key && a.localTo === b.localTo && !a.ports.some((port) => b.ports.includes(port))
}

function allocateNamed(
  request: AddressRequest,
  usable: readonly Pool[],
  taken: ReadonlyMap<string, readonly Holding[]>,
): Allocated {
  const families = request.addresses.map((address) => parseIp(address)?.family)
  if (new Set(families).size !== families.length) return no('At most one address of each family can be asked for.')
  const strange = families.find((family) => family !== undefined && !request.families.includes(family))
  if (strange !== undefined)
    return no(`An ${strange} address was asked for, and the Service has ${request.families.join(', ')}.`)
  for (const address of request.addresses) {
    if (!usable.some((pool) => gives(pool, address, request))) {
      return no(`${address} is in no pool that Services of the namespace ${request.namespace} may use.`)
    }
    const holder = conflict(address, request.share, taken)
    if (holder !== undefined)
      return no(`${address} belongs to the Service ${holder.key}; ${whyNotShared(request, holder)}.`)
  }
  return { ok: true, addresses: request.addresses }
}

function mayUse(pool: Pool, { namespace, pool: wanted }: AddressRequest): boolean {
  const inside = pool.namespaces.length === 0 || pool.namespaces.includes(namespace)
  return inside && (wanted === '' || wanted === pool.name)
}

/** Whether the pool gives this address: by itself, or because it or the pool was asked for. */
function gives(pool: Pool, address: string, request: AddressRequest): boolean {
  const asked = request.pool === pool.name || request.addresses.includes(address)
  return (pool.autoAssign || asked) && pool.ranges.some((range) => contains(range, address))
}

function firstFree(
  family: IpFamily,
  pools: readonly Pool[],
  request: AddressRequest,
  taken: ReadonlyMap<string, readonly Holding[]>,
): string | undefined {
  // Who shares joins those with its key.
  const shared = [...taken].find(([address, holders]) => {
    const fits = parseIp(address)?.family === family && pools.some((pool) => gives(pool, address, request))
    return fits && holders.every(({ share }) => mayShare(share, request.share))
  })
  if (shared !== undefined) return shared[0]
  for (const pool of pools) {
    let tried = 0
    for (const range of pool.ranges) {
      if (range.family !== family) continue
      for (let number = range.from; number <= range.to && tried < MOST_TRIED; number += 1n, tried += 1) {
        const address = printIp(family, number)
        if (!taken.has(address)) return address
      }
    }
  }
  return undefined
}

function conflict(address: string, share: Share, taken: ReadonlyMap<string, readonly Holding[]>): Holding | undefined {
  return taken.get(address)?.find((holder) => !mayShare(holder.share, share))
}

function byAddress(holdings: readonly Holding[]): ReadonlyMap<string, readonly Holding[]> {
  const found = new Map<string, Holding[]>()
  for (const holding of holdings) {
    for (const address of holding.addresses) found.set(address, [...(found.get(address) ?? []), holding])
  }
  return found
}

function whyNotShared({ share }: AddressRequest, { share: other }: Holding): string {
  if (share.key === '' || share.key !== other.key) return 'an address is shared by Services with the same sharing key'
  const port = share.ports.find((one) => other.ports.includes(one))
  if (port !== undefined) return `both have the port ${port}`
  return 'with externalTrafficPolicy Local only Services with the same selector share an address'
}

function noneLeft(family: IpFamily, { namespace, pool }: AddressRequest, usable: readonly Pool[]): string {
  const of = pool === '' ? `for the namespace ${namespace}` : `in the pool ${pool} for the namespace ${namespace}`
  const names = usable.map(({ name }) => name).join(', ')
  return `There is no free ${family} address ${of}${names === '' ? '' : ` (pools: ${names})`}.`
}

function no(message: string): Allocated {
  return { ok: false, message }
}
