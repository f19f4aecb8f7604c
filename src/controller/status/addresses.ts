import { isAddress } from '../../snapshot/address.js'
import type { PublishedAddress } from '../../snapshot/objects.js'

/** STA-4: text of an IP address goes to `ip`, other text to `hostname`. */
export function publishedAddress(text: string): PublishedAddress {
  return isAddress(text) ? { ip: text, hostname: '' } : { ip: '', hostname: text }
}

/** STA-4: sorted, by name and then by IP address in the order of text; each once, and none that is empty. */
export function inStatusOrder(addresses: readonly PublishedAddress[]): readonly PublishedAddress[] {
  const byKey = new Map(addresses.map((address) => [keyOf(address), address]))
  byKey.delete(keyOf({ ip: '', hostname: '' }))
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address)
}

/** Whether the same addresses are published, in whatever order. */
export function sameAddresses(a: readonly PublishedAddress[], b: readonly PublishedAddress[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  if (a.every(({ ip, hostname }, index) => ip === b[index]?.ip && hostname === b[index].hostname)) return true
  const [first, second] = [a.map(keyOf).sort(), b.map(keyOf).sort()]
  return first.every((key, index) => key === second[index])
}

/** As the API server takes them: without the fields that are empty. */
export function statusEntries(addresses: readonly PublishedAddress[]): readonly Readonly<Record<string, string>>[] {
  return addresses.map(({ ip, hostname }) => ({
    ...(ip === '' ? {} : { ip }),
    ...(hostname === '' ? {} : { hostname }),
  }))
}

/** For messages. */
export function describeAddresses(addresses: readonly PublishedAddress[]): string {
  return addresses.map(({ ip, hostname }) => (ip === '' ? hostname : ip)).join(', ') || 'no address'
}

function keyOf({ ip, hostname }: PublishedAddress): string {
  return `${hostname}\n${ip}`
}
