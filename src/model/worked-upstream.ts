import type { UpstreamDocument } from './documents.js'
import { createRing, type Ring } from './ring.js'

/** An upstream with what was worked out of it, once; that goes when the document is replaced by another. */
export interface WorkedUpstream extends UpstreamDocument {
  ring?: Ring
}

/** The ring of the endpoints `address:port`. */
export function ringOf(upstream: WorkedUpstream): Ring {
  if (upstream.ring !== undefined) return upstream.ring
  const names: string[] = []
  for (let i = 0; i < upstream.addresses.length; i++) names.push(endpointName(upstream, i))
  const ring = createRing(names)
  upstream.ring = ring
  return ring
}

/** `10.0.0.1:8080`, or `[fd00::1]:8080`. */
export function endpointName({ addresses, ports }: UpstreamDocument, position: number): string {
  return `${addresses[position] ?? ''}:${ports[position] ?? 0}`
}
