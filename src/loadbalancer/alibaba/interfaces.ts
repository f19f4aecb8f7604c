import type { Failure } from '../provider.js'
import { items, text } from './answer.js'
import type { Cloud } from './api.js'
import { ask } from './ask.js'
import { batches, type Server, usualAddress } from './servers.js'
import type { ClusterFacts } from './settings.js'

/** Pods with the id of the network interface that has their address; those whose interface is not found are left out. */
export async function withInterfaces(
  cloud: Cloud,
  servers: readonly Server[],
  facts: ClusterFacts,
): Promise<readonly Server[]> {
  const addresses = servers.filter(({ type, id }) => type === 'eni' && id === '').map(({ ip }) => ip)
  if (addresses.length === 0) return servers
  const ids = new Map<string, string>()
  const isIpv6 = (address: string): boolean => address.includes(':')
  const asked = [
    ['PrivateIpAddress', addresses.filter((one) => !isIpv6(one))],
    ['Ipv6Address', addresses.filter(isIpv6)],
  ] as const
  for (const [name, all] of asked)
    for (const some of batches(all, 100)) {
      const body = await ask(cloud, 'ecs', 'DescribeNetworkInterfaces', {
        RegionId: facts.region,
        VpcId: facts.vpc,
        [name]: some,
        MaxResults: 100,
      })
      for (const found of items(body, 'NetworkInterfaceSets', 'NetworkInterfaceSet')) {
        const id = text(found, 'NetworkInterfaceId')
        for (const one of items(found, 'PrivateIpSets', 'PrivateIpSet')) ids.set(text(one, 'PrivateIpAddress'), id)
        for (const one of items(found, 'Ipv6Sets', 'Ipv6Set')) ids.set(usualAddress(text(one, 'Ipv6Address')), id)
      }
    }
  return servers.flatMap((one) => {
    const id = one.type === 'eni' && one.id === '' ? ids.get(usualAddress(one.ip)) : one.id
    return id === undefined ? [] : [{ ...one, id }]
  })
}

/** A new interface is seen a little later, so it is tried again; one that never comes is told. */
export function withoutInterfaces(servers: readonly Server[]): Failure {
  const addresses = servers.map(({ ip }) => ip).slice(0, 5)
  const message = `no network interface is found for pods such as ${addresses.join(', ')}; pods are backends (backend-type eni) only where Terway gives them interfaces`
  return { kind: 'busy', message }
}
