import type { PlanInput, ServiceProblem } from '../provider.js'
import { keyOf } from '../views.js'
import { clbAnnotations, type ClbValues } from './clb-annotations.js'
import type { Balancer, ClbExisting } from './clb-existing.js'
import { isOurs } from './clb-objects.js'
import { fieldOf, PREFIX, readAnnotations } from './declare.js'
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

/** What makes a look at anything but backends impossible. @source loadbalancer.md section 2.3 */
export function clbRefusals(
  input: PlanInput<ClbExisting>,
  values: ClbValues,
  facts: ClusterFacts,
): readonly ServiceProblem[] {
  const { service, existing } = input
  const { balancer } = existing
  const { id } = values
  if (existing.several.length > 0) return [severalProblem('CLB', existing.several)]
  const address = addressOf(service)
  if (id === undefined) {
    if (balancer !== undefined) return []
    if (address === undefined) return withoutVSwitch(values, facts)
    return [existing.former === undefined ? lostProblem('CLB', address) : leftProblem('CLB', existing.former.id)]
  }
  if (existing.own !== undefined) return [ownProblem('CLB', existing.own, id)]
  if (balancer === undefined) return [absentProblem('CLB', id, facts)]
  const { tags, fields } = balancer
  const reused = {
    kind: 'CLB',
    id,
    tags,
    vpc: fields['VpcId'] ?? '',
    inAnotherVpc: '.',
    type: fields['AddressType'] ?? '',
    wantedType: values['address-type'],
  } as const
  return [
    ...reuseProblems(reused, service, facts),
    ...groupProblems(values, id, balancer),
    ...(values['force-override-listeners'] === 'true' ? conflicts(input, id, balancer, facts) : []),
  ]
}

function withoutVSwitch(values: ClbValues, { vswitches }: ClusterFacts): readonly ServiceProblem[] {
  const isInVpc = values['address-type'] === 'intranet' && values['network-type'] !== 'classic'
  if (!isInVpc || values['vswitch-id'] !== undefined || vswitches.length > 0) return []
  const message =
    'An intranet CLB needs a VSwitch: the annotation is missing, and the controller knows none (--alibaba-vswitch-id).'
  return [refusal(fieldOf(`${PREFIX}vswitch-id`), message)]
}

/** Groups that the user binds to ports. */
function groupProblems(values: ClbValues, id: string, { groups }: Balancer): readonly ServiceProblem[] {
  const field = fieldOf(`${PREFIX}vgroup-port`)
  return (values['vgroup-port'] ?? []).flatMap(({ group, port }) => {
    const target = groups.find((one) => one.id === group)
    if (target === undefined) return [refusal(field, `The CLB ${id} has no group ${group} (for port ${port}).`)]
    if (!target.name.startsWith('k8s/')) return []
    const message = `The group ${group} was made by a controller; only one that was made by hand can be used.`
    return [refusal(field, message)]
  })
}

/** Several Services on one instance have different ports; the first one keeps a port. */
function conflicts(
  { service, services }: PlanInput<ClbExisting>,
  id: string,
  balancer: Balancer,
  facts: ClusterFacts,
): readonly ServiceProblem[] {
  const others = services.filter(
    (one) => one.uid !== service.uid && readAnnotations(clbAnnotations, one).values.id === id && !one.deleting,
  )
  return service.ports.flatMap((port): readonly ServiceProblem[] => {
    const rival = others.find((one) => {
      if (!one.ports.some((two) => two.port === port.port && (two.protocol === 'UDP') === (port.protocol === 'UDP')))
        return false
      const taken = balancer.listeners.find(
        (listener) => listener.port === port.port && (listener.protocol === 'udp') === (port.protocol === 'UDP'),
      )
      if (taken !== undefined && isOurs(taken.description, service, facts.cluster)) return false
      if (taken !== undefined && isOurs(taken.description, one, facts.cluster)) return true
      return keyOf(one) < keyOf(service)
    })
    if (rival === undefined) return []
    const message = `Port ${port.port} of the CLB ${id} belongs to the Service ${keyOf(rival)}; each Service of an instance needs ports of its own.`
    return [refusal('spec.ports', message)]
  })
}
