import type { PlanInput } from '../provider.js'
import type { ServicePortView } from '../views.js'
import type { NlbValues } from './nlb-annotations.js'
import { batches, compareServers, type FoundServer, type Server, serversOf } from './servers.js'
import type { ClusterFacts } from './settings.js'

/** One call that brings a group nearer to the backends its port should have. */
export type BackendChange = {
  /** In words, for a person. */
  readonly description: string
} & (
  | {
      readonly kind: 'add'
      readonly servers: readonly Server[]
      /** Of which some may go first, where the group is full. */
      readonly surplus: readonly FoundServer[]
    }
  | { readonly kind: 'remove' | 'weigh'; readonly servers: readonly FoundServer[] }
)

/** The annotations about backends, which are the same for CLB and NLB. */
type BackendValues = Pick<
  NlbValues,
  | 'backend-type'
  | 'weight'
  | 'default-weight'
  | 'backend-label'
  | 'remove-unscheduled-backend'
  | 'graceful-shutdown'
  | 'backend-ip-version'
  | 'ignore-weight-update'
>

/** A group of the cloud with the backends of a port in it. */
export interface Backed {
  /** Its id, or the name it will have. */
  readonly target: string
  /** Our mark on servers. */
  readonly mark: string
  /** Whether the group is a user's, who may have servers of their own in it. */
  readonly isUsers: boolean
  readonly servers: readonly FoundServer[]
}

/** The calls for a group: first what is added, then what goes, then weights. `most`: servers in a call. */
export function backendChanges(
  port: ServicePortView,
  input: Pick<PlanInput<never>, 'service' | 'nodes' | 'endpoints'>,
  values: BackendValues,
  { backends }: ClusterFacts,
  { target, mark, isUsers, servers: found }: Backed,
  { byAddress, most }: { readonly byAddress: boolean; readonly most: number },
): readonly BackendChange[] {
  const wanted = serversOf(port, input, {
    kind: byAddress ? 'ip' : (values['backend-type'] ?? backends),
    weight: values.weight,
    defaultWeight: values['default-weight'] ?? 100,
    labels: values['backend-label'] ?? [],
    unscheduled: values['remove-unscheduled-backend'] === 'on' ? 'remove' : 'keep',
    graceful: values['graceful-shutdown'] === 'true',
    ipVersion: values['backend-ip-version'] ?? 'ipv4',
  })
  const isOurs = ({ description }: FoundServer): boolean => !isUsers || description === mark
  const weights = values['ignore-weight-update'] === 'on' ? 'ignore' : 'write'
  const { add, remove, weigh } = compareServers(wanted, found, isOurs, weights)
  const surplus = remove.slice(0, most)
  return [
    ...batches(add, most).map((servers): BackendChange => {
      const description = `add ${servers.length} servers to ${target}: ${describeServers(servers)}`
      return { kind: 'add', servers, surplus, description }
    }),
    ...batches(remove, most).map((servers): BackendChange => {
      return { kind: 'remove', servers, description: describeRemoval(servers, target) }
    }),
    ...batches(weigh, most).map((servers): BackendChange => {
      const description = `set weights of ${servers.length} servers in ${target}: ${describeServers(servers)}`
      return { kind: 'weigh', servers, description }
    }),
  ]
}

export function describeRemoval(servers: readonly Server[], target: string): string {
  return `remove ${servers.length} servers from ${target}: ${describeServers(servers)}`
}

function describeServers(servers: readonly Server[]): string {
  return servers.map(({ type, id, ip, port, weight }) => `${type === 'ecs' ? id : ip}:${port}=${weight}`).join(' ')
}
