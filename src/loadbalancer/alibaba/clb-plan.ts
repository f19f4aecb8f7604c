import type { Plan, PlanInput, ServiceProblem } from '../provider.js'
import type { ServiceView, StatusAddress } from '../views.js'
import { backendChanges } from './backends.js'
import { clbAnnotations, type ClbValues } from './clb-annotations.js'
import type { Balancer, ClbExisting, Group, Listener } from './clb-existing.js'
import { dropGroups, planLeaving, takeServersOut } from './clb-leave.js'
import { createParameters, fieldChanges, fixedProblems, openToAll } from './clb-instance.js'
import { listenersOf, portName, type WantedListener } from './clb-listeners.js'
import { registeredPods } from './gates.js'
import { isOurs, keptGroup, SERVERS_IN_A_CALL } from './clb-objects.js'
import { clbRefusals } from './clb-refusals.js'
import { type ClbDo, clbStep, type ClbStep, formerClbStep } from './clb-steps.js'
import { readAnnotations } from './declare.js'
import { CCM, clbName, hashOf, HASH_LABEL, ID_LABEL, isInOrder, tagsToDrop, wantedTags, USERS_LABEL } from './names.js'
import { addressOf, idField } from './refusals.js'
import type { ClusterFacts } from './settings.js'

type Input = PlanInput<ClbExisting>
type Add = (change: ClbDo, description: string) => void

/** What has to be done so that a Service has its CLB. Pure. */
export function planClb(input: Input, facts: ClusterFacts): Plan<ClbStep> {
  const { service, existing } = input
  const { values, problems: unread } = readAnnotations(clbAnnotations, service)
  const { listeners, problems: wrong } = listenersOf(service, values, facts.cluster)
  const problems = [...unread, ...wrong, ...openToAll(service, values), ...clbRefusals(input, values, facts)]
  const steps: ClbStep[] = []
  const plan = (change: ClbDo, description: string): void => void steps.push(clbStep(change, description))
  const onFormer: Add = (change, description) =>
    void steps.push(formerClbStep(change, description, existing.former?.id ?? ''))
  const done = (): Plan<ClbStep> => ({
    steps,
    problems,
    status: existing.balancer === undefined ? undefined : statusOf(service, values, existing.balancer, existing.eip),
    ...(existing.balancer === undefined
      ? {}
      : {
          labels: {
            ...(hasError(problems) ? {} : { [HASH_LABEL]: hashOf(service) }),
            [ID_LABEL]: existing.balancer.id,
            ...(existing.by === 'id' ? { [USERS_LABEL]: 'true' } : {}),
          },
          registered: registeredPods(input.endpoints, groupsOf(service, values, facts, existing.balancer)),
        }),
  })
  const { balancer, former } = existing
  const isBroken = hasError(problems)
  if (former !== undefined && balancer === undefined && addressOf(service) !== undefined) {
    // Who has its address goes on with it.
    planGroups(input, values, facts, former, { isBroken: true }, onFormer)
    return { steps, problems, status: undefined }
  }
  if (balancer === undefined) {
    if (isBroken || values.id !== undefined) return done()
    const create = createParameters(service, values, facts)
    const places = [create.fields['VSwitchId'] ?? '', ...create.vswitches].filter((id) => id !== '')
    const where = places.length === 0 ? '' : ` in ${places.join(', else ')}`
    plan({ kind: 'create', ...create }, `create a CLB of type ${create.fields['AddressType'] ?? ''}${where}`)
  }
  const isReused = existing.by === 'id'
  const known = balancer ?? { id: '', address: '', fields: {}, tags: {}, groups: [], listeners: [] }
  const mayWrite = !isReused || values['force-override-listeners'] === 'true'
  // With the hash of the last full look, and nothing wrong then, only backends may have changed.
  const isFull = !isInOrder(service, balancer?.id)
  if (balancer !== undefined && !isReused && !isBroken && isFull) {
    problems.push(...fixedProblems(balancer, values))
    planInstance(balancer, service, values, facts, existing, plan)
  }
  const isMisplaced = isReused && problems.some(({ field }) => field === idField)
  // Its address is not the Service's, which keeps what it has.
  if (isMisplaced) {
    steps.length = 0
    if (former !== undefined) planGroups(input, values, facts, former, { isBroken: true }, onFormer)
    return { steps, problems, status: undefined }
  }
  planGroups(input, values, facts, known, { isBroken }, plan)
  if (isBroken) return done()
  if (mayWrite) {
    planListeners(known, listeners, isFull, plan)
    planSurplusListeners(known, service, listeners, facts, plan)
  }
  problems.push(...planSurplusGroups(known, service, facts, values, mayWrite, plan))
  if (isReused) takeServersOut(known, new Set(values['vgroup-port']?.map(({ group }) => group)), service, facts, plan)
  // When the new one is whole.
  if (former !== undefined && steps.length === 0)
    problems.push(...planLeaving(former, service, facts, 'warning', onFormer))
  return done()
}

/** Name, charge, protections and tags of an instance that was created here. */
function planInstance(
  balancer: Balancer,
  service: ServiceView,
  values: ClbValues,
  facts: ClusterFacts,
  existing: ClbExisting,
  plan: Add,
): void {
  for (const { action, fields } of fieldChanges(balancer, service, values)) {
    const words = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
    plan({ kind: 'set', action, fields }, `set ${words.join(', ')}`)
  }
  const wanted = wantedTags(service, values['additional-resource-tags'] ?? [], facts.cluster)
  const dropped = tagsToDrop(balancer.tags, wanted)
  if (dropped.length > 0) plan({ kind: 'untag', keys: dropped }, `take off the tags ${dropped.join(', ')}`)
  const missing = Object.entries(wanted).filter(([key, value]) => balancer.tags[key] !== value)
  if (missing.length > 0)
    plan({ kind: 'tag', tags: Object.fromEntries(missing) }, `tag with ${missing.map(([key]) => key).join(', ')}`)
  if (existing.by === 'tag of the cloud controller')
    plan({ kind: 'untag', keys: [CCM.nameTag, CCM.clusterTag] }, 'take off the tags of the cloud controller')
}

function planGroups(
  input: Input,
  values: ClbValues,
  facts: ClusterFacts,
  balancer: Balancer,
  { isBroken }: { readonly isBroken: boolean },
  plan: Add,
): void {
  const { service } = input
  for (const { port, name, users, group } of groupsOf(service, values, facts, balancer)) {
    if (group === undefined) {
      if (users !== undefined || isBroken) continue
      plan({ kind: 'create-group', group: name }, `create the group ${name}`)
    }
    const target = users ?? name
    const backed = { target, mark: name, isUsers: users !== undefined, servers: group?.servers ?? [] }
    const choices = { byAddress: false, most: SERVERS_IN_A_CALL }
    for (const change of backendChanges(port, input, values, facts, backed, choices)) {
      const { kind, servers, description } = change
      if (kind === 'add') plan({ kind, group: target, mark: name, servers, surplus: change.surplus }, description)
      else plan({ kind, group: target, servers }, description)
    }
  }
}

/** The group of each port that has one: `name` of ours, `users` the id of the user's, `group` and `servers` what there is. */
function groupsOf(service: ServiceView, values: ClbValues, facts: ClusterFacts, balancer: Balancer) {
  const forwarded = new Set(values['forward-port']?.map(({ from }) => from))
  return service.ports
    .filter(({ port, protocol }) => protocol !== 'SCTP' && !forwarded.has(port))
    .map((port) => {
      const name = clbName(portName(port, service), service, facts.cluster)
      const users = values['vgroup-port']?.find((one) => one.port === port.port)?.group
      const group = users === undefined ? keptGroup(balancer, name) : balancer.groups.find(({ id }) => id === users)
      return { port, name, users, group, servers: group?.servers }
    })
}

function planListeners(balancer: Balancer, listeners: readonly WantedListener[], isFull: boolean, plan: Add): void {
  for (const wanted of listeners) {
    const { protocol, port, description, group, settings } = wanted
    const found = balancer.listeners.find(
      (one) => one.port === port && (one.protocol === 'udp') === (protocol === 'udp'),
    )
    const isOther = found !== undefined && (found.protocol !== protocol || isRedirect(found) !== (group === undefined))
    const change = { protocol, port, description, group, settings }
    if (isOther)
      plan(
        { kind: 'delete-listener', protocol: found.protocol, port },
        `delete the ${found.protocol} listener ${port}, to make it ${protocol}`,
      )
    const current = isOther ? undefined : found
    if (current === undefined) plan({ kind: 'create-listener', ...change }, `create the ${protocol} listener ${port}`)
    else if (isChanged(current, wanted, balancer, isFull))
      plan({ kind: 'set-listener', ...change }, `set the ${protocol} listener ${port}`)
    planDomains(wanted, current, plan)
    if (current?.status !== 'running')
      plan({ kind: 'start-listener', protocol, port }, `start the ${protocol} listener ${port}`)
  }
}

function isRedirect({ group, settings }: Listener): boolean {
  return group === '' && settings['listenerforward'] === 'on'
}

/** A listener that redirects cannot be changed but by being made anew, and has nothing to change. */
function isChanged(found: Listener, wanted: WantedListener, balancer: Balancer, isFull: boolean): boolean {
  if (wanted.group === undefined) return false
  const group = keptGroup(balancer, wanted.group)
  if (found.group !== group?.id || found.description !== wanted.description) return true
  if (!isFull) return false
  return Object.entries(wanted.settings).some(([name, value]) => {
    const current = found.settings[name.toLowerCase()] ?? wanted.defaults[name] ?? ''
    return current !== value
  })
}

function planDomains({ domains, port }: WantedListener, found: Listener | undefined, plan: Add): void {
  if (domains === undefined) return
  const current = found?.domains ?? {}
  for (const [domain, certificate] of Object.entries(domains)) {
    const known = Object.hasOwn(current, domain) ? current[domain] : undefined
    if (known === undefined)
      plan({ kind: 'add-domain', port, domain, certificate }, `add the certificate of ${domain} to listener ${port}`)
    else if (known.certificate !== certificate)
      plan({ kind: 'set-domain', port, domain, certificate }, `set the certificate of ${domain} on listener ${port}`)
  }
  for (const domain of Object.keys(current))
    if (!Object.hasOwn(domains, domain))
      plan({ kind: 'delete-domain', port, domain }, `take the certificate of ${domain} off listener ${port}`)
}

/** Listeners with our names that no port asks for. */
function planSurplusListeners(
  balancer: Balancer,
  service: ServiceView,
  listeners: readonly WantedListener[],
  { cluster }: ClusterFacts,
  plan: Add,
): void {
  for (const { protocol, port, description } of balancer.listeners) {
    const isWanted = listeners.some((one) => one.port === port && (one.protocol === 'udp') === (protocol === 'udp'))
    if (isOurs(description, service, cluster) && !isWanted)
      plan({ kind: 'delete-listener', protocol, port }, `delete the ${protocol} listener ${port}`)
  }
}

/** Groups with our names that no port asks for; those that a listener uses which is not written from here stay, empty. */
function planSurplusGroups(
  balancer: Balancer,
  service: ServiceView,
  { cluster }: ClusterFacts,
  values: ClbValues,
  mayWrite: boolean,
  plan: Add,
): readonly ServiceProblem[] {
  const mapped = new Set((values['vgroup-port'] ?? []).map(({ port }) => port))
  const names = new Set(
    service.ports
      .filter(({ port }) => !mapped.has(port) && !values['forward-port']?.some(({ from }) => from === port))
      .map((port) => clbName(portName(port, service), service, cluster)),
  )
  const isKept = ({ name, id }: Group): boolean => names.has(name) && keptGroup(balancer, name)?.id === id
  const surplus = balancer.groups.filter((group) => isOurs(group.name, service, cluster) && !isKept(group))
  return dropGroups(
    balancer,
    surplus,
    ({ description }) => mayWrite && isOurs(description, service, cluster),
    'warning',
    plan,
  )
}

function statusOf(
  service: ServiceView,
  values: ClbValues,
  balancer: Balancer,
  eip: string | undefined,
): readonly StatusAddress[] | undefined {
  if (values.hostname !== undefined) return [{ hostname: values.hostname }]
  const ip = values['external-ip-type'] === 'eip' ? eip : balancer.address
  if (ip === undefined || ip === '') return service.status.length > 0 ? service.status : undefined
  return [{ ip, ipMode: 'VIP' }]
}

function hasError(problems: readonly ServiceProblem[]): boolean {
  return problems.some(({ severity }) => severity === 'error')
}
