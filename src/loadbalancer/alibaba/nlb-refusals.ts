import type { PlanInput, ServiceProblem } from '../provider.js'
import { keyOf } from '../views.js'
import { fieldOf, PREFIX, readAnnotations } from './declare.js'
import { CCM, ID_LABEL, TAGS } from './names.js'
import { nlbAnnotations, type NlbValues } from './nlb-annotations.js'
import { DEAD_STATES, type NlbExisting } from './nlb-existing.js'
import type { ClusterFacts } from './settings.js'

/** What makes anything but backends of groups that exist impossible. @source loadbalancer.md section 2.3 */
export function nlbRefusals(
  { service, services, existing }: PlanInput<NlbExisting>,
  values: NlbValues,
  facts: ClusterFacts,
): readonly ServiceProblem[] {
  const { balancer, several } = existing
  const problem = (field: string, message: string): ServiceProblem => ({ severity: 'error', field, message })
  const idField = fieldOf(`${PREFIX}id`)
  const found: ServiceProblem[] = []
  if (several.length > 0)
    return [
      problem(
        '',
        `There are several NLBs with the tags of this Service: ${several.join(', ')}. Nothing is changed until only one is left.`,
      ),
    ]
  if (balancer !== undefined && DEAD_STATES.includes(balancer.status))
    found.push(
      problem(
        '',
        `The NLB ${balancer.id} is ${balancer.status}, which does not pass by itself: the console of the cloud says why. Nothing is changed until it is Active; one that was created for the Service goes with it.`,
      ),
    )
  if (service.sourceRanges.length > 0)
    found.push({
      ...problem(
        'spec.loadBalancerSourceRanges',
        'Source ranges are not kept by an NLB here, so nothing is made that would be open to all: use security groups (security-group-ids), and leave the ranges out.',
      ),
      reason: 'FeatureNotSupported',
    })
  if (values['listener-port-range'] !== undefined && (values['backend-type'] ?? facts.backends) !== 'eni')
    found.push(
      problem(fieldOf(`${PREFIX}listener-port-range`), 'A range of ports needs pods as backends: backend-type eni.'),
    )
  const address = service.status.map((one) => ('ip' in one ? one.ip : one.hostname))[0]
  if (values.id === undefined) {
    if (values['zone-maps'] === undefined && balancer === undefined)
      found.push(
        problem(
          fieldOf(`${PREFIX}zone-maps`),
          'An NLB needs zones: the annotation is missing. It has to be from 2 to 10 entries zone:vswitch.',
        ),
      )
    if (balancer === undefined && address !== undefined)
      found.push(
        problem(
          'status.loadBalancer',
          `The Service has the address ${address}, but no NLB of its own was found. It may have been deleted by hand. None is created in its place: empty the status first.`,
        ),
      )
    return found
  }
  if (existing.own !== undefined)
    return [
      ...found,
      problem(
        idField,
        `The Service has the NLB ${existing.own}, which was created for it; it cannot change to ${values.id}.`,
      ),
    ]
  if (balancer === undefined) return [...found, problem(idField, `There is no NLB ${values.id} in ${facts.region}.`)]
  if (Object.hasOwn(balancer.tags, TAGS.service) || Object.hasOwn(balancer.tags, CCM.nameTag))
    found.push(
      problem(
        idField,
        `The NLB ${values.id} was created by a controller for a Service; only one that was made by hand can be used.`,
      ),
    )
  const vpc = balancer.fields['VpcId'] ?? ''
  if (vpc !== '' && facts.vpc !== '' && vpc !== facts.vpc && values['server-group-type'] !== 'Ip')
    found.push(
      problem(
        idField,
        `The NLB ${values.id} is in the VPC ${vpc}, the cluster in ${facts.vpc}; that needs server-group-type Ip.`,
      ),
    )
  const type = (balancer.fields['AddressType'] ?? '').toLowerCase()
  if (values['address-type'] !== undefined && type !== values['address-type'])
    found.push(
      problem(
        fieldOf(`${PREFIX}address-type`),
        `The NLB ${values.id} is of type ${type}, not ${values['address-type']}.`,
      ),
    )
  const named = service.labels[ID_LABEL]
  if (address !== undefined && named !== undefined && named !== values.id)
    found.push(problem(idField, `The Service has its address from the NLB ${named}; it cannot change to ${values.id}.`))
  for (const { group, port } of values['vgroup-port'] ?? [])
    if (!existing.groups.some(({ id }) => id === group))
      found.push(problem(fieldOf(`${PREFIX}vgroup-port`), `There is no server group ${group} (for port ${port}).`))
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
        problem(
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
