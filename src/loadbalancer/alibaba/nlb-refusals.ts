import type { PlanInput, ServiceProblem } from '../provider.js'
import { keyOf } from '../views.js'
import { fieldOf, PREFIX, readAnnotations } from './declare.js'
import { nlbAnnotations, type NlbValues } from './nlb-annotations.js'
import { DEAD_STATES, type NlbExisting } from './nlb-existing.js'
import { rangeProblems } from './nlb-guard.js'
import {
  absentProblem,
  addressOf,
  leftProblem,
  lostProblem,
  ownProblem,
  refusal,
  reuseProblems,
  severalProblem,
} from './refusals.js'
import type { ClusterFacts } from './settings.js'

/** What makes anything but backends of groups that exist impossible. @source loadbalancer.md section 2.3 */
export function nlbRefusals(
  { service, services, existing }: PlanInput<NlbExisting>,
  values: NlbValues,
  facts: ClusterFacts,
): readonly ServiceProblem[] {
  const { balancer, several } = existing
  const found: ServiceProblem[] = []
  if (several.length > 0) return [severalProblem('NLB', several)]
  if (balancer !== undefined && DEAD_STATES.includes(balancer.status))
    found.push(
      refusal(
        '',
        `The NLB ${balancer.id} is ${balancer.status}, which does not pass by itself: the console of the cloud says why. Nothing is changed until it is Active; one that was created for the Service goes with it.`,
      ),
    )
  if (values.id === undefined) found.push(...rangeProblems(service, values))
  else if (service.sourceRanges.length > 0)
    found.push({
      ...refusal(
        'spec.loadBalancerSourceRanges',
        'Source ranges are not kept on an NLB of the user, so nothing is made that would be open to all: put the NLB into a security group, and leave the ranges out.',
      ),
      reason: 'FeatureNotSupported',
    })
  if (values['listener-port-range'] !== undefined && (values['backend-type'] ?? facts.backends) !== 'eni')
    found.push(
      refusal(fieldOf(`${PREFIX}listener-port-range`), 'A range of ports needs pods as backends: backend-type eni.'),
    )
  const address = addressOf(service)
  if (values.id === undefined) {
    if (values['zone-maps'] === undefined && balancer === undefined)
      found.push(
        refusal(
          fieldOf(`${PREFIX}zone-maps`),
          'An NLB needs zones: the annotation is missing. It has to be from 2 to 10 entries zone:vswitch.',
        ),
      )
    if (balancer === undefined && address !== undefined)
      found.push(existing.former === undefined ? lostProblem('NLB', address) : leftProblem('NLB', existing.former.id))
    return found
  }
  if (existing.own !== undefined) return [...found, ownProblem('NLB', existing.own, values.id)]
  if (balancer === undefined) return [...found, absentProblem('NLB', values.id, facts)]
  const { tags, fields } = balancer
  const reused = {
    kind: 'NLB',
    id: values.id,
    tags,
    vpc: fields['VpcId'] ?? '',
    inAnotherVpc: values['server-group-type'] === 'Ip' ? undefined : '; that needs server-group-type Ip.',
    type: (fields['AddressType'] ?? '').toLowerCase(),
    wantedType: values['address-type'],
  } as const
  found.push(...reuseProblems(reused, service, facts))
  for (const { group, port } of values['vgroup-port'] ?? [])
    if (!existing.groups.some(({ id }) => id === group))
      found.push(refusal(fieldOf(`${PREFIX}vgroup-port`), `There is no server group ${group} (for port ${port}).`))
  if (values['force-override-listeners'] !== 'true') return found
  const isUdp = (one: { readonly protocol: string }): boolean => one.protocol === 'UDP'
  for (const port of service.ports) {
    const rival = services.find(
      (one) =>
        one.uid !== service.uid &&
        !one.deleting &&
        one.loadBalancerClass === service.loadBalancerClass &&
        readAnnotations(nlbAnnotations, one).values.id === values.id &&
        one.ports.some((two) => two.port === port.port && isUdp(two) === isUdp(port)) &&
        isBefore(one, port),
    )
    if (rival !== undefined)
      found.push(
        refusal(
          'spec.ports',
          `Port ${port.port} of the NLB ${values.id} belongs to the Service ${keyOf(rival)}; each Service of an instance needs ports of its own.`,
        ),
      )
  }
  return found

  /** Who has the listener keeps it; before there is one, the name decides. */
  function isBefore(rival: typeof service, port: { readonly port: number; readonly protocol: string }): boolean {
    const taken = balancer?.listeners.find((one) => one.port === String(port.port) && isUdp(one) === isUdp(port))
    const belongsTo = (one: typeof service): boolean =>
      taken?.description.endsWith(`.${one.name}.${one.namespace}.${facts.cluster}`) === true
    if (belongsTo(service)) return false
    return belongsTo(rival) || keyOf(rival) < keyOf(service)
  }
}
