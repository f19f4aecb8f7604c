import { isMapping } from './fields.js'
import type { PublishedAddress } from './objects.js'

const none: readonly PublishedAddress[] = Object.freeze([])

/**
 * The addresses in the status of an Ingress or a Service: `loadBalancer.ingress`. Whatever is not of the right type
 * counts as absent: a status says nothing about what is served, so it is no reason to leave an object out.
 */
export function parsePublished(status: unknown): readonly PublishedAddress[] {
  const loadBalancer = isMapping(status) ? status.loadBalancer : undefined
  const entries: unknown = isMapping(loadBalancer) ? loadBalancer.ingress : undefined
  if (!Array.isArray(entries) || entries.length === 0) return none
  return Object.freeze(
    entries
      .filter(isMapping)
      .map(({ ip, hostname }) => Object.freeze({ ip: textOf(ip), hostname: textOf(hostname) }))
      .filter(({ ip, hostname }) => ip !== '' || hostname !== ''),
  )
}

function textOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : ''
}
