import type { Failure } from '../provider.js'
import { items, text } from './answer.js'
import type { Cloud } from './api.js'
import { ask } from './ask.js'
import type { Server } from './servers.js'
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
  for (let at = 0; at < addresses.length; at += 100) {
    const body = await ask(cloud, 'ecs', 'DescribeNetworkInterfaces', {
      RegionId: facts.region,
      VpcId: facts.vpc,
      PrivateIpAddress: addresses.slice(at, at + 100),
      MaxResults: 100,
    })
    for (const found of items(body, 'NetworkInterfaceSets', 'NetworkInterfaceSet'))
      for (const address of items(found, 'PrivateIpSets', 'PrivateIpSet'))
        ids.set(text(address, 'PrivateIpAddress'), text(found, 'NetworkInterfaceId'))
  }
  return servers.flatMap((one) => {
    const id = one.type === 'eni' && one.id === '' ? ids.get(one.ip) : one.id
    return id === undefined ? [] : [{ ...one, id }]
  })
}

/** A new interface is seen a little later, so it is tried again; one that never comes is told. */
export function withoutInterfaces(servers: readonly Server[]): Failure {
  const addresses = servers.map(({ ip }) => ip).slice(0, 5)
  const message = `no network interface is found for pods such as ${addresses.join(', ')}; pods are backends (backend-type eni) only where Terway gives them interfaces`
  return { kind: 'busy', message }
}
