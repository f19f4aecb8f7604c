/** Endpoints of each backend. */
const ENDPOINTS = 5

/** Hosts that requests are drawn from. */
const DRAWN = 200

/** What every host of the bench is below; the certificate is for `*.` and this. */
export const DOMAIN = 'bench.example'

export const NAMESPACE = 'bench'

/** The host with this number, from 0; the same in a table of any size. */
export function hostName(index: number): string {
  return `h${digits(index)}.${DOMAIN}`
}

/** Name of the host's Ingress, Service and EndpointSlice, and of its upstream in plain NGINX. */
export function appName(index: number): string {
  return `app-${digits(index)}`
}

/** What the access log calls the upstream. */
export function upstreamName(index: number): string {
  return `${NAMESPACE}-${appName(index)}-80`
}

/**
 * Addresses of the host's endpoints. All of 127.0.0.0/8 is this machine, so one process can be 50,000 endpoints, and no two
 * backends share an address: a pool that shares connections between hosts would have an advantage that no cluster gives.
 */
export function endpointAddresses(index: number): readonly string[] {
  return Array.from({ length: ENDPOINTS }, (_, e) => {
    const number = index * ENDPOINTS + e
    return `127.${10 + Math.floor(number / 65_536)}.${Math.floor(number / 256) % 256}.${number % 256}`
  })
}

/** Numbers of the hosts that requests are drawn from: spread evenly over the table, all of it if it is small. */
export function drawnHosts(count: number): readonly number[] {
  const drawn = Math.min(count, DRAWN)
  return Array.from({ length: drawn }, (_, i) => Math.floor((i * count) / drawn))
}

/** Deals the items out to so many heaps, in turn; where there are fewer items than heaps, every heap has all of them. */
export function deal<T>(items: readonly T[], heaps: number): readonly (readonly T[])[] {
  return Array.from({ length: heaps }, (_, heap) =>
    items.length < heaps ? items : items.filter((_item, i) => i % heaps === heap),
  )
}

function digits(index: number): string {
  return String(index).padStart(5, '0')
}
