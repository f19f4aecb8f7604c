import type { EventWriter } from '../../controller/events/event-writer.js'
import { systemClock } from '../../kubernetes/clock.js'
import type { Leadership } from '../../kubernetes/leader-election.js'
import { createLoadBalancerController, type LoadBalancerController } from '../../loadbalancer/controller.js'
import { withProvider, type LoadBalancerFlags } from '../loadbalancer-flags.js'
import type { Log } from '../log.js'
import type { Cluster } from './source.js'

/** The load-balancer controller of `--loadbalancer`; undefined: it is off. Throws a StartError. */
export function createLoadBalancer(
  { client }: Cluster,
  flags: LoadBalancerFlags,
  leadership: Pick<Leadership, 'isLeader'>,
  events: Pick<EventWriter, 'offer'>,
  log: Log,
): LoadBalancerController | undefined {
  const parts = { client, clock: systemClock, log }
  return withProvider(flags, parts, (provider) =>
    createLoadBalancerController({
      provider,
      leadership,
      takeOver: flags.loadbalancerTakeOver === true,
      tell({ service: { namespace, name, uid }, ...event }) {
        const about = { apiVersion: 'v1', kind: 'Service', namespace, name, uid }
        events.offer([{ about, ...event, repeat: 'count', from: 'leader' }])
      },
      ...parts,
    }),
  )
}
