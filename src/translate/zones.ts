import type { EndpointSlice, Service } from '../snapshot/objects.js'

/**
 * A slice with the endpoints that are meant for a zone (SVC-9): those whose hints name it, if every endpoint of the slice has
 * hints, and, where only nearness is preferred, one of them names the zone; else the slice as it is. `zone` empty: as it is.
 *
 * Source: Kubernetes, EndpointSlice `hints.forZones`, Service `trafficDistribution` and the annotation topology-mode.
 */
export function inZone(slice: EndpointSlice, service: Service, zone: string): EndpointSlice {
  const wish = zoneWish(service)
  if (zone === '' || wish === 'none' || slice.endpoints.some(({ zones }) => zones === undefined)) return slice
  const endpoints = slice.endpoints.filter(({ zones }) => zones?.includes(zone) === true)
  return wish === 'preferred' && endpoints.length === 0 ? slice : { ...slice, endpoints }
}

/** Whether the zone has a say in the endpoints of a Service. */
export function zoneWish({ annotations, trafficDistribution }: Service): 'none' | 'preferred' | 'hinted' {
  if (annotations['service.kubernetes.io/topology-mode']?.toLowerCase() === 'auto') return 'hinted'
  // Kubernetes 1.34 calls PreferClose by the second name.
  return trafficDistribution === 'PreferClose' || trafficDistribution === 'PreferSameZone' ? 'preferred' : 'none'
}
