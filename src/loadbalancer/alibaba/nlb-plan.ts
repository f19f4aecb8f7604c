import type { Plan, PlanInput } from '../provider.js'
import { backendChanges } from './backends.js'
import { readAnnotations } from './declare.js'
import { registeredPods } from './gates.js'
import { HASH_LABEL, hashOf, ID_LABEL, isInOrder, USERS_LABEL } from './names.js'
import { nlbAnnotations, type NlbValues } from './nlb-annotations.js'
import type { NlbExisting, NlbListener } from './nlb-existing.js'
import { nlbCreateParameters, nlbFixedProblems, nlbInstanceChanges, nlbTags } from './nlb-instance.js'
import { type GuardPlan, planGuard, wantedRules } from './nlb-guard.js'
import { planLeaving, planSurplusGroups, planSurplusListeners, takeServersOut } from './nlb-leave.js'
import { changeable, differs, groupFor, isSamePort, usersGroup } from './nlb-match.js'
import { nlbRefusals } from './nlb-refusals.js'
import { type NlbStep, NlbSteps, SERVERS_IN_A_CALL } from './nlb-steps.js'
import { type WantedPort, wantedPorts } from './nlb-wanted.js'
import { addressOf, idField } from './refusals.js'
import { batches } from './servers.js'
import type { ClusterFacts } from './settings.js'

type Input = PlanInput<NlbExisting>

/** The API takes so many in a call. */
const CERTIFICATES_IN_A_CALL = 15
const WITHOUT_GUARD: GuardPlan = { steps: [], removal: [], join: undefined, leave: [] }

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
