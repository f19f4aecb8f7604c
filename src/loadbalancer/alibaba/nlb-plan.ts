import type { Plan, PlanInput, ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import { backendChanges, describeRemoval } from './backends.js'
import { readAnnotations } from './declare.js'
import { registeredPods } from './gates.js'
import { HASH_LABEL, hashOf, ID_LABEL, isInOrder, USERS_LABEL } from './names.js'
import { nlbAnnotations, type NlbValues } from './nlb-annotations.js'
import { DEAD_STATES, type NlbBalancer, type NlbExisting, type NlbListener, type ServerGroup } from './nlb-existing.js'
import { nlbCreateParameters, nlbFixedProblems, nlbInstanceChanges, nlbTags } from './nlb-instance.js'
import { type GuardPlan, planGuard, wantedRules } from './nlb-guard.js'
import { nlbRefusals } from './nlb-refusals.js'
import { type NlbDo, nlbStep, type NlbStep } from './nlb-steps.js'
import { type WantedPort, wantedPorts } from './nlb-wanted.js'
import { addressOf, heldProblem, idField } from './refusals.js'
import { batches } from './servers.js'
import type { ClusterFacts } from './settings.js'

type Input = PlanInput<NlbExisting>
type Add = (change: NlbDo, description: string) => void

/** The API takes so many servers, and so many certificates, in a call. */
const SERVERS_IN_A_CALL = 200
const CERTIFICATES_IN_A_CALL = 15
const WITHOUT_GUARD: GuardPlan = { steps: [], removal: [], join: undefined, leave: [] }

/**
 * Steps that can be taken, and what is waited for. What is being changed takes no other change, so its steps come once it is ready;
 * the last step of a plan waits where something is under way.
 */
export class NlbSteps {
  readonly #steps: NlbStep[] = []
  readonly #waits: string[] = []

  readonly add: Add = (change, description) => void this.#steps.push(nlbStep(change, description))
  /** On the instance that the Service was with before. */
  onFormer(change: NlbDo, description: string, id: string): void {
    this.#steps.push({ ...nlbStep(change, `on the NLB ${id}: ${description}`), on: 'former' })
  }
  /** Nothing is to be done or waited for so far. */
  isEmpty(): boolean {
    return this.#steps.length === 0 && this.#waits.length === 0
  }

  /** Whether something can be changed; if not, it is waited for, unless that is in vain. */
  isReady(status: string, what: string): boolean {
    const ready = ['Active', 'Available', 'Running', 'Stopped'].includes(status)
    // Nobody would ever stop to wait; nlb-refusals.ts tells of it.
    if (!ready && !DEAD_STATES.includes(status)) this.#waits.push(`${what} is ${status}`)
    return ready
  }
  wait(what: string): void {
    this.#waits.push(what)
  }
  all(): readonly NlbStep[] {
    if (this.#waits.length === 0) return this.#steps
    const what = this.#waits.join(', ')
    return [...this.#steps, nlbStep({ kind: 'wait', what }, `wait until this is over: ${what}`)]
  }
}

/** What has to be done so that a Service has its NLB. Pure. */
export function planNlb(input: Input, facts: ClusterFacts): Plan<NlbStep> {
  const { service, existing } = input
  const { values, problems: unread } = readAnnotations(nlbAnnotations, service)
  const { ports, problems: wrong } = wantedPorts(service, values, facts.cluster)
  const problems = [...unread, ...wrong, ...nlbRefusals(input, values, facts)]
  const isBroken = problems.some(({ severity }) => severity === 'error')
  const steps = new NlbSteps()
  const { balancer, former } = existing
  /** Who has its address goes on with it. */
  const stay = (): Plan<NlbStep> => {
    const backends = new NlbSteps()
    for (const port of ports) planGroup(port, input, values, facts, true, backends)
    return { steps: backends.all(), problems, status: undefined, registered }
  }
  const registered = registeredPods(
    input.endpoints,
    ports.map((port) => {
      const group = groupFor(port, existing, usersGroup(port, values))
      // While a job is at work on it, what it was told is not so yet.
      return { port: port.service, servers: group?.status === 'Available' ? group.servers : undefined }
    }),
  )
  const done = (): Plan<NlbStep> => {
    if (balancer === undefined) return { steps: steps.all(), problems, status: undefined }
    const hostname = values.hostname ?? balancer.host
    const hash: Record<string, string> = isBroken ? {} : { [HASH_LABEL]: hashOf(service) }
    return {
      steps: steps.all(),
      problems,
      status: hostname === '' ? undefined : [{ hostname }],
      labels: { ...hash, [ID_LABEL]: balancer.id, ...(existing.by === 'id' ? { [USERS_LABEL]: 'true' } : {}) },
      registered,
    }
  }
  if (former !== undefined && balancer === undefined && addressOf(service) !== undefined) return stay()
  if (balancer === undefined && (isBroken || values.id !== undefined)) return done()
  const isReused = existing.by === 'id'
  const isFull = !isInOrder(service, balancer?.id)
  const tags = nlbTags(service, { ...values, 'additional-resource-tags': undefined }, facts)
  const isGuarded = isFull && !isBroken && !isReused
  const guard = isGuarded ? planGuard(existing, service, wantedRules(service, values), tags) : WITHOUT_GUARD
  for (const [change, description] of guard.steps) steps.add(change, description)
  if (balancer === undefined) {
    const parameters = nlbCreateParameters(service, values, facts)
    steps.add({ kind: 'create', parameters }, `create an NLB of type ${parameters['AddressType'] ?? ''}`)
  }
  const mayWrite = !isReused || values['force-override-listeners'] === 'true'
  const isActive = balancer === undefined || steps.isReady(balancer.status, 'the NLB')
  if (balancer !== undefined && !isReused && !isBroken && isFull && isActive) {
    problems.push(...nlbFixedProblems(balancer, values))
    // While one change of the instance is carried out it takes no other.
    for (const [change, description] of nlbInstanceChanges(balancer, service, values, facts, guard))
      steps.add(change, description)
  }
  const isMisplaced = isReused && problems.some(({ field }) => field === idField)
  // Its name is not the Service's, which keeps what it has.
  if (isMisplaced) return stay()
  for (const port of ports) planGroup(port, input, values, facts, isBroken, steps)
  if (isBroken) return done()
  const listeners = balancer?.listeners ?? []
  if (mayWrite) {
    // After the guard, since without it a listener would be open to all.
    for (const port of ports) planListener(port, input, values, isFull, isActive, steps)
    planSurplusListeners(listeners, ports, input, facts, steps)
  }
  // When the new one is whole; servers first, since a group is found by the listeners that use it.
  if (balancer !== undefined && steps.isEmpty()) {
    const named = new Set(ports.map((port) => usersGroup(port, values)))
    takeServersOut(
      existing.groups.filter(({ id }) => !named.has(id)),
      service,
      facts,
      steps,
    )
  }
  if (former !== undefined && balancer !== undefined && steps.isEmpty()) planLeaving(former, service, facts, steps)
  const users = [...listeners, ...(former?.listeners ?? [])]
  problems.push(...planSurplusGroups(users, ports, input, values, facts, mayWrite, steps))
  // While the instance is leaving it, it is in use.
  if (isActive) for (const [change, description] of guard.removal) steps.add(change, description)
  return done()
}

function planGroup(
  port: WantedPort,
  input: Input,
  values: NlbValues,
  facts: ClusterFacts,
  isBroken: boolean,
  steps: NlbSteps,
): void {
  const users = usersGroup(port, values)
  const group = groupFor(port, input.existing, users)
  const { name } = port
  if (group === undefined) {
    if (users !== undefined || isBroken) return
    const settings = { ...port.group.fixed, ...port.group.settings }
    const tags = nlbTags(input.service, { ...values, 'additional-resource-tags': undefined }, facts)
    steps.add({ kind: 'create-group', name, settings, tags }, `create the server group ${name}`)
  }
  if (group !== undefined && !steps.isReady(group.status, `the server group ${group.name}`)) return
  const id = group?.id ?? name
  if (group !== undefined && users === undefined && !isBroken && differs(group.fields, port.group.settings))
    steps.add({ kind: 'set-group', id, settings: port.group.settings }, `set the server group ${name}`)
  const backed = { target: id, mark: name, isUsers: users !== undefined, servers: group?.servers ?? [] }
  const choices = { byAddress: values['server-group-type'] === 'Ip', most: SERVERS_IN_A_CALL }
  for (const change of backendChanges(port.service, input, values, facts, backed, choices)) {
    const { kind, servers, description } = change
    if (kind === 'add') steps.add({ kind, id, mark: name, servers, surplus: change.surplus }, description)
    else steps.add({ kind, id, servers }, description)
  }
}

function planListener(
  port: WantedPort,
  { existing }: Input,
  values: NlbValues,
  isFull: boolean,
  isActive: boolean,
  steps: NlbSteps,
): void {
  const users = usersGroup(port, values)
  const group = groupFor(port, existing, users)
  const found = existing.balancer?.listeners.find((one) => isSamePort(one, port))
  const { name, protocol } = port
  const settings = port.listener.settings
  if (found !== undefined && !steps.isReady(found.status, `the listener ${found.port}`)) return
  if (found !== undefined && found.protocol !== protocol) {
    steps.add(
      { kind: 'delete-listener', id: found.id },
      `delete the ${found.protocol} listener ${found.port}, to make it ${protocol}`,
    )
    return
  }
  // A listener wants a group that is ready; if it is not, it is already waited for.
  if (group !== undefined && group.status !== 'Available') return
  if (found === undefined) {
    if (isActive)
      steps.add(
        { kind: 'create-listener', description: name, group: group?.id ?? name, settings },
        `create the ${protocol} listener ${port.port}`,
      )
    return
  }
  const isMoved = found.group !== (group?.id ?? '') || found.description !== name
  if (group !== undefined && (isMoved || (isFull && differs(found.fields, changeable(settings))))) {
    steps.add(
      { kind: 'set-listener', id: found.id, description: name, group: group.id, settings: changeable(settings) },
      `set the ${protocol} listener ${port.port}`,
    )
    return
  }
  if (found.status === 'Stopped')
    steps.add({ kind: 'start-listener', id: found.id }, `start the ${protocol} listener ${port.port}`)
  if (protocol === 'TCPSSL') planCertificates(found, port, steps)
}

function planCertificates(found: NlbListener, { listener, port }: WantedPort, steps: NlbSteps): void {
  const missing = listener.certificates.filter((id) => !found.certificates.includes(id))
  const surplus = found.certificates.filter((id) => !listener.certificates.includes(id))
  for (const certificates of batches(missing, CERTIFICATES_IN_A_CALL))
    steps.add(
      { kind: 'certificates', id: found.id, certificates },
      `add certificates to listener ${port}: ${certificates.join(', ')}`,
    )
  for (const certificates of batches(surplus, CERTIFICATES_IN_A_CALL))
    steps.add(
      { kind: 'drop-certificates', id: found.id, certificates },
      `take certificates off listener ${port}: ${certificates.join(', ')}`,
    )
}

/** Takes our servers, and no others, out of groups of the user. */
export function takeServersOut(
  groups: readonly ServerGroup[],
  service: ServiceView,
  { cluster }: ClusterFacts,
  steps: NlbSteps,
): void {
  for (const group of groups) {
    const servers = group.servers.filter(({ description }) => isOurNlbName(description, service, cluster))
    // Also after the last of them: a job that takes servers out is waited for.
    if (group.isOurs || !steps.isReady(group.status, `the server group ${group.name}`)) continue
    for (const change of emptying({ ...group, servers })) steps.add(...change)
  }
}

/** Takes our listeners off an instance of the user that the Service is with no more. */
export function planLeaving(
  former: NlbBalancer,
  service: ServiceView,
  { cluster }: ClusterFacts,
  steps: NlbSteps,
): void {
  for (const one of former.listeners) {
    if (!isOurNlbName(one.description, service, cluster)) continue
    if (steps.isReady(one.status, `the listener ${one.port}`))
      steps.onFormer(
        { kind: 'delete-listener', id: one.id },
        `delete the ${one.protocol} listener ${one.port}`,
        former.id,
      )
  }
}

/** Listeners of ours that no port asks for. */
function planSurplusListeners(
  listeners: readonly NlbListener[],
  ports: readonly WantedPort[],
  { service }: Input,
  { cluster }: ClusterFacts,
  steps: NlbSteps,
): void {
  for (const one of listeners) {
    if (!isOurNlbName(one.description, service, cluster) || ports.some((port) => isSamePort(one, port))) continue
    if (steps.isReady(one.status, `the listener ${one.port}`))
      steps.add({ kind: 'delete-listener', id: one.id }, `delete the ${one.protocol} listener ${one.port}`)
  }
}

/** Groups of ours that no port asks for: they go when no listener uses them any more. */
function planSurplusGroups(
  listeners: readonly NlbListener[],
  ports: readonly WantedPort[],
  { existing, service }: Input,
  values: NlbValues,
  { cluster }: ClusterFacts,
  mayWrite: boolean,
  steps: NlbSteps,
): readonly ServiceProblem[] {
  const kept = new Set(
    ports
      .filter((port) => usersGroup(port, values) === undefined)
      .map((port) => groupFor(port, existing, undefined)?.id),
  )
  const surplus = existing.groups.filter(({ isOurs, id }) => isOurs && !kept.has(id))
  return surplus.flatMap((group): readonly ServiceProblem[] => {
    const users = listeners.filter((one) => one.group === group.id)
    const isHeld = users.some(({ description }) => !mayWrite || !isOurNlbName(description, service, cluster))
    if (!steps.isReady(group.status, `the server group ${group.name}`)) return []
    if (isHeld) {
      for (const change of emptying(group)) steps.add(...change)
      return [heldProblem(group.id, 'warning')]
    }
    if (users.length > 0) steps.wait(`the server group ${group.id} is in use`)
    else steps.add({ kind: 'delete-group', id: group.id }, `delete the server group ${group.name} (${group.id})`)
    return []
  })
}

/** Nobody is sent to backends that may be others' by now. One call at a time: the group is busy after it. */
export function emptying({ id, servers }: ServerGroup): readonly (readonly [NlbDo, string])[] {
  const some = servers.slice(0, SERVERS_IN_A_CALL)
  return some.length === 0 ? [] : [[{ kind: 'remove', id, servers: some }, describeRemoval(some, id)]]
}

/** A group of the user that an annotation binds to the port. */
function usersGroup({ service: { port } }: WantedPort, values: NlbValues): string | undefined {
  return values['vgroup-port']?.find((one) => one.port === port)?.group
}

/** Ours with the name and what cannot be changed; of several the one that a listener uses, else the first. */
export function groupFor(
  port: WantedPort,
  { groups, balancer }: NlbExisting,
  users: string | undefined,
): ServerGroup | undefined {
  if (users !== undefined) return groups.find(({ id }) => id === users)
  const found = groups
    .filter(
      (one) =>
        one.isOurs && one.name === port.name && !differs(one.fields, port.group.fixed) && one.status !== 'Deleting',
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return found.find(({ id }) => balancer?.listeners.some(({ group }) => group === id)) ?? found[0]
}

function isSamePort(listener: NlbListener, port: WantedPort): boolean {
  return listener.port === port.port && (listener.protocol === 'UDP') === (port.protocol === 'UDP')
}

/** Protocol and ports are as they were when the listener was created. */
function changeable(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const fixed = ['ListenerProtocol', 'ListenerPort', 'StartPort', 'EndPort']
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !fixed.includes(name)))
}

const defaultsOfCloud: Readonly<Record<string, string>> = { Cps: '0', 'HealthCheckConfig.HealthCheckConnectPort': '0' }

/** Whether a setting is another one, or a list has more items than it should. Case is no difference; what the cloud is silent about neither, where it is off. */
function differs(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const isOther = Object.entries(wanted).some(([name, value]) => {
    const current = found[name] ?? defaultsOfCloud[name] ?? 'false'
    return current.toLowerCase() !== value.toLowerCase()
  })
  const lists = new Set(
    Object.keys(wanted).flatMap((name) => (/\.\d+$/.test(name) ? [name.replace(/\.\d+$/, '.')] : [])),
  )
  return (
    isOther ||
    Object.keys(found).some(
      (name) => lists.has(name.replace(/\d+$/, '')) && /\.\d+$/.test(name) && wanted[name] === undefined,
    )
  )
}

export function isOurNlbName(
  text: string,
  service: { readonly namespace: string; readonly name: string },
  cluster: string,
): boolean {
  const match = /^k8s\.\d+(?:_\d+)?\.(?:TCP|UDP|TCPSSL)(\..*)$/.exec(text)
  return match?.[1] === `.${service.name}.${service.namespace}.${cluster}`
}

/** What is new has no id: it is known by its name until the cloud has said it. */
export function findGroup(existing: NlbExisting, idOrName: string): ServerGroup | undefined {
  return (
    existing.groups.find(({ id }) => id === idOrName) ??
    existing.groups.find(({ name, isOurs }) => isOurs && name === idOrName)
  )
}
