import { networkInterfaces } from 'node:os'
import { contains, parseRange } from '../addresses/ip.js'

/** An interface of this machine. */
export interface Link {
  readonly name: string
  readonly mac: string
  /** Its networks, as `192.0.2.5/24`. */
  readonly networks: readonly string[]
}

/** Those that have an Ethernet address and an IP address. */
export function readLinks(): readonly Link[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) => {
    const mac = entries[0]?.mac ?? '00:00:00:00:00:00'
    if (mac === '00:00:00:00:00:00') return []
    return [{ name, mac, networks: entries.flatMap(({ cidr }) => (cidr === null ? [] : [cidr])) }]
  })
}

/** The one of that name; without a name, the first one in whose network the address is. */
export function linkFor(address: string, links: readonly Link[], name: string): Link | undefined {
  if (name !== '') return links.find((link) => link.name === name)
  return links.find(({ networks }) =>
    networks.some((network) => {
      const range = parseRange(network)
      return range !== undefined && contains(range, address)
    }),
  )
}
