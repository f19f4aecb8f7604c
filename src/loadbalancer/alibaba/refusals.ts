import type { ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import { fieldOf, PREFIX } from './declare.js'
import { CCM, ID_LABEL, TAGS } from './names.js'
import type { ClusterFacts } from './settings.js'

type Kind = 'CLB' | 'NLB'

/** What CLB and NLB refuse, in the same words: an error about a field of the Service. */
export function refusal(field: string, message: string): ServiceProblem {
  return { severity: 'error', field, message }
}

export const idField = fieldOf(`${PREFIX}id`)

export function severalProblem(
  kind: Kind,
  ids: readonly string[],
  then = 'Nothing is changed until only one is left.',
): ServiceProblem {
  return refusal('', `There are several ${kind}s with the tags of this Service: ${ids.join(', ')}. ${then}`)
}

/**
 * A group of ours that cannot go: a listener that is not ours uses it. `left`: it is on an instance that nobody will
 * look at again.
 */
export function heldProblem(
  group: string,
  severity: ServiceProblem['severity'],
  where: 'here' | 'left' = 'here',
): ServiceProblem {
  const then = where === 'here' ? ', and is deleted when that is gone.' : ': delete it by hand when that is gone.'
  const message = `The server group ${group} was made for this Service, which needs it no more, and a listener of the user uses it. It stays, empty${then}`
  return { severity, field: '', message }
}

/** The address that a Service says it has. */
export function addressOf({ status }: ServiceView): string | undefined {
  return status.map((one) => ('ip' in one ? one.ip : one.hostname))[0]
}

export function lostProblem(kind: Kind, address: string): ServiceProblem {
  const message = `The Service has the address ${address}, but no ${kind} of its own was found. It may have been deleted by hand. None is created in its place: empty the status first.`
  return refusal('status.loadBalancer', message)
}

/** It has the address of an instance that it names no more. */
export function leftProblem(kind: Kind, id: string): ServiceProblem {
  const message = `The Service has its address from the ${kind} ${id}, which the annotation does not name any more. It stays with it, and no ${kind} is created in its place: empty the status first.`
  return refusal(idField, message)
}

export function ownProblem(kind: Kind, own: string, id: string): ServiceProblem {
  const message = `The Service has the ${kind} ${own}, which was created for it; it cannot change to ${id}.`
  return refusal(idField, message)
}

export function absentProblem(kind: Kind, id: string, { region }: ClusterFacts): ServiceProblem {
  return refusal(idField, `There is no ${kind} ${id} in ${region}.`)
}

/** An instance that a user made and a Service names. */
export interface Reused {
  readonly kind: Kind
  readonly id: string
  readonly tags: Readonly<Record<string, string>>
  readonly vpc: string
  /** What it takes to use one of another VPC, behind the sentence that it is one; undefined: nothing. */
  readonly inAnotherVpc: string | undefined
  /** Of the instance, and as the Service has it; undefined: any. */
  readonly type: string
  readonly wantedType: string | undefined
}

/** What is wrong with using it. @source loadbalancer.md section 2.3 */
export function reuseProblems(
  { kind, id, tags, vpc, inAnotherVpc, type, wantedType }: Reused,
  service: ServiceView,
  facts: ClusterFacts,
): readonly ServiceProblem[] {
  const found: ServiceProblem[] = []
  if (Object.hasOwn(tags, TAGS.service) || Object.hasOwn(tags, CCM.nameTag)) {
    const message = `The ${kind} ${id} was created by a controller for a Service; only one that was made by hand can be used.`
    found.push(refusal(idField, message))
  }
  if (inAnotherVpc !== undefined && vpc !== '' && facts.vpc !== '' && vpc !== facts.vpc)
    found.push(refusal(idField, `The ${kind} ${id} is in the VPC ${vpc}, the cluster in ${facts.vpc}${inAnotherVpc}`))
  if (wantedType !== undefined && type !== wantedType)
    found.push(refusal(fieldOf(`${PREFIX}address-type`), `The ${kind} ${id} is of type ${type}, not ${wantedType}.`))
  const named = service.labels[ID_LABEL]
  if (addressOf(service) !== undefined && named !== undefined && named !== id) {
    const message = `The Service has its address from the ${kind} ${named}; it cannot change to ${id}.`
    found.push(refusal(idField, message))
  }
  return found
}
