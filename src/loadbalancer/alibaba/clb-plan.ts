import type { Plan, PlanInput, ServiceProblem } from '../provider.js'
import { keyOf, type ServiceView, type StatusAddress } from '../views.js'
import { clbAnnotations, type ClbValues } from './clb-annotations.js'
import type { Balancer, ClbExisting, Group, Listener } from './clb-existing.js'
import { createParameters, fieldChanges, fixedProblems, openToAll } from './clb-instance.js'
import { listenersOf, portName, type WantedListener } from './clb-listeners.js'
import { type ClbDo, clbStep, type ClbStep } from './clb-steps.js'
import { fieldOf, PREFIX, readAnnotations } from './declare.js'
import { CCM, clbName, hashOf, HASH_LABEL, ID_LABEL, isInOrder, ownTags, TAGS } from './names.js'
import { batches, compareServers, type Server, serversOf } from './servers.js'
import type { ClusterFacts } from './settings.js'

type Input = PlanInput<ClbExisting>

/** The API takes so many servers in a call. */
const SERVERS_IN_A_CALL = 20

/** What has to be done so that a Service has its CLB, or has none any more. Pure. */
export function planClb(input: Input, facts: ClusterFacts): Plan<ClbStep> {
  return input.wanted === 'present' ? planPresent(input, facts) : planAbsent(input, facts)
}

function planPresent(input: Input, facts: ClusterFacts): Plan<ClbStep> {
  const { service, existing } = input
  const { values, problems: unread } = readAnnotations(clbAnnotations, service)
  const { listeners, problems: wrong } = listenersOf(service, values, facts.cluster)
  const problems = [...unread, ...wrong, ...openToAll(service, values), ...refusals(input, values, facts)]
  const steps: ClbStep[] = []
  const plan = (change: ClbDo, description: string): void => void steps.push(clbStep(change, description))
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
          },
        }),
  })
  const { balancer } = existing
  const isBroken = hasError(problems)
  if (balancer === undefined) {
    if (isBroken || values.id !== undefined) return done()
    const create = createParameters(service, values, facts)
    plan({ kind: 'create', ...create }, `create a CLB of type ${create.fields['AddressType'] ?? ''}`)
  }
  const isReused = existing.by === 'id'
  const known = balancer ?? { id: '', address: '', fields: {}, tags: {}, groups: [], listeners: [] }
  const mayWrite = !isReused || values['force-override-listeners'] === 'true'
  // With the hash of the last full look, and nothing wrong then, only backends may have changed.
  const isFull = !isInOrder(service)
  if (balancer !== undefined && !isReused && !isBroken && isFull) {
    problems.push(...fixedProblems(balancer, values))
    planInstance(balancer, service, values, facts, existing, plan)
  }
  const isMisplaced = isReused && problems.some(({ field }) => field === fieldOf(`${PREFIX}id`))
  // Its address is not the Service's, which keeps what it has.
  if (isMisplaced) return { steps: [], problems, status: undefined }
  planGroups(input, values, facts, known, { isBroken }, plan)
  if (mayWrite && !isBroken) {
    planListeners(known, listeners, isFull, plan)
    planSurplus(known, service, listeners, facts, values, plan)
  }
  return done()
}

/** Name, charge, protections and tags of an instance that was created here. */
function planInstance(
  balancer: Balancer,
  service: ServiceView,
  values: ClbValues,
  facts: ClusterFacts,
  existing: ClbExisting,
  plan: (change: ClbDo, description: string) => void,
): void {
  for (const { action, fields } of fieldChanges(balancer, service, values)) {
    const words = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
    plan({ kind: 'set', action, fields }, `set ${words.join(', ')}`)
  }
  const wanted = { ...Object.fromEntries(values['additional-resource-tags'] ?? []), ...ownTags(service, facts.cluster) }
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
  plan: (change: ClbDo, description: string) => void,
): void {
  const { service } = input
  for (const port of service.ports) {
    if (port.protocol === 'SCTP' || values['forward-port']?.some(({ from }) => from === port.port)) continue
    const name = clbName(portName(port, service), service, facts.cluster)
    const users = values['vgroup-port']?.find((one) => one.port === port.port)?.group
    const group = users === undefined ? keptGroup(balancer, name) : balancer.groups.find(({ id }) => id === users)
    if (group === undefined) {
      if (users !== undefined || isBroken) continue
      plan({ kind: 'create-group', group: name }, `create the group ${name}`)
    }
    const wanted = serversOf(port, input, {
      kind: values['backend-type'] ?? facts.backends,
      weight: values.weight,
      defaultWeight: values['default-weight'] ?? 100,
      labels: values['backend-label'] ?? [],
      unscheduled: values['remove-unscheduled-backend'] === 'on' ? 'remove' : 'keep',
      graceful: values['graceful-shutdown'] === 'true',
      ipVersion: values['backend-ip-version'] ?? 'ipv4',
    })
    const isOurs =
      users === undefined ? () => true : (one: { readonly description: string }) => one.description === name
    const weights = values['ignore-weight-update'] === 'on' ? 'ignore' : 'write'
    const change = compareServers(wanted, group?.servers ?? [], isOurs, weights)
    const target = users ?? name
    const surplus = change.remove.slice(0, SERVERS_IN_A_CALL)
    const words = (servers: readonly Server[]): string => `${servers.length} servers`
    for (const servers of batches(change.add, SERVERS_IN_A_CALL))
      plan(
        { kind: 'add', group: target, mark: name, servers, surplus },
        `add ${words(servers)} to ${target}: ${shown(servers)}`,
      )
    for (const servers of batches(change.remove, SERVERS_IN_A_CALL))
      plan({ kind: 'remove', group: target, servers }, `remove ${words(servers)} from ${target}: ${shown(servers)}`)
    for (const servers of batches(change.weigh, SERVERS_IN_A_CALL))
      plan(
        { kind: 'weigh', group: target, servers },
        `set weights of ${words(servers)} in ${target}: ${shown(servers)}`,
      )
  }
}

function planListeners(
  balancer: Balancer,
  listeners: readonly WantedListener[],
  isFull: boolean,
  plan: (change: ClbDo, description: string) => void,
): void {
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

function planDomains(
  { domains, port }: WantedListener,
  found: Listener | undefined,
  plan: (change: ClbDo, description: string) => void,
): void {
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

/** Listeners and groups with our names that no port asks for. */
function planSurplus(
  balancer: Balancer,
  service: ServiceView,
  listeners: readonly WantedListener[],
  { cluster }: ClusterFacts,
  values: ClbValues,
  plan: (change: ClbDo, description: string) => void,
): void {
  for (const { protocol, port, description } of balancer.listeners) {
    const isWanted = listeners.some((one) => one.port === port && (one.protocol === 'udp') === (protocol === 'udp'))
    if (isOurs(description, service, cluster) && !isWanted)
      plan({ kind: 'delete-listener', protocol, port }, `delete the ${protocol} listener ${port}`)
  }
  const mapped = new Set((values['vgroup-port'] ?? []).map(({ port }) => port))
  const names = new Set(
    service.ports
      .filter(({ port }) => !mapped.has(port) && !values['forward-port']?.some(({ from }) => from === port))
      .map((port) => clbName(portName(port, service), service, cluster)),
  )
  for (const group of balancer.groups)
    if (
      isOurs(group.name, service, cluster) &&
      !(names.has(group.name) && keptGroup(balancer, group.name)?.id === group.id)
    )
      plan({ kind: 'delete-group', id: group.id }, `delete the group ${group.name} (${group.id})`)
}

function planAbsent({ service, existing }: Input, facts: ClusterFacts): Plan<ClbStep> {
  const { values } = readAnnotations(clbAnnotations, service)
  const { balancer } = existing
  const steps: ClbStep[] = []
  const plan = (change: ClbDo, description: string): void => void steps.push(clbStep(change, description))
  const problems = existing.several.length > 0 ? [severalProblem(existing.several)] : []
  if (balancer === undefined) return { steps, problems, status: undefined }
  const { fields, tags, id } = balancer
  if (existing.by === 'id') {
    for (const one of balancer.listeners)
      if (isOurs(one.description, service, facts.cluster))
        plan(
          { kind: 'delete-listener', protocol: one.protocol, port: one.port },
          `delete the ${one.protocol} listener ${one.port}`,
        )
    for (const group of balancer.groups) {
      if (isOurs(group.name, service, facts.cluster))
        plan({ kind: 'delete-group', id: group.id }, `delete the group ${group.name} (${group.id})`)
      else {
        const ours = group.servers.filter(({ description }) => isOurs(description, service, facts.cluster))
        for (const servers of batches(ours, SERVERS_IN_A_CALL))
          plan(
            { kind: 'remove', group: group.id, servers },
            `remove ${servers.length} servers from ${group.id}: ${shown(servers)}`,
          )
      }
    }
    return { steps, problems, status: undefined }
  }
  if (fields['ModificationProtectionStatus'] === 'ConsoleProtection')
    plan(
      {
        kind: 'set',
        action: 'SetLoadBalancerModificationProtection',
        fields: { ModificationProtectionStatus: 'NonProtection' },
      },
      'switch the protection against changes off',
    )
  if (fields['DeleteProtection'] === 'on')
    plan(
      { kind: 'set', action: 'SetLoadBalancerDeleteProtection', fields: { DeleteProtection: 'off' } },
      'switch the protection against deletion off',
    )
  if (values['preserve-lb-on-delete'] === undefined) plan({ kind: 'delete' }, `delete the CLB ${id}`)
  else {
    const keys = [...Object.values(TAGS), CCM.nameTag, CCM.clusterTag].filter((key) => Object.hasOwn(tags, key))
    plan({ kind: 'untag', keys }, `take our tags off the CLB ${id}, which stays`)
  }
  return { steps, problems, status: undefined }
}

/** What makes a look at anything but backends impossible. */
function refusals(input: Input, values: ClbValues, facts: ClusterFacts): readonly ServiceProblem[] {
  const { service, existing } = input
  const { balancer } = existing
  const idField = fieldOf(`${PREFIX}id`)
  const problem = (field: string, message: string): ServiceProblem => ({ severity: 'error', field, message })
  if (existing.several.length > 0) return [severalProblem(existing.several)]
  const address = service.status.map((one) => ('ip' in one ? one.ip : one.hostname))[0]
  if (values.id === undefined) {
    if (balancer !== undefined || address === undefined) return []
    return [
      problem(
        'status.loadBalancer',
        `The Service has the address ${address}, but no CLB of its own was found. It may have been deleted by hand. None is created in its place: empty the status first.`,
      ),
    ]
  }
  if (existing.own !== undefined)
    return [
      problem(
        idField,
        `The Service has the CLB ${existing.own}, which was created for it; it cannot change to ${values.id}.`,
      ),
    ]
  if (balancer === undefined) return [problem(idField, `There is no CLB ${values.id} in ${facts.region}.`)]
  const found: ServiceProblem[] = []
  if (Object.hasOwn(balancer.tags, TAGS.service) || Object.hasOwn(balancer.tags, CCM.nameTag))
    found.push(
      problem(
        idField,
        `The CLB ${values.id} was created by a controller for a Service; only one that was made by hand can be used.`,
      ),
    )
  const vpc = balancer.fields['VpcId'] ?? ''
  if (vpc !== '' && facts.vpc !== '' && vpc !== facts.vpc)
    found.push(problem(idField, `The CLB ${values.id} is in the VPC ${vpc}, the cluster in ${facts.vpc}.`))
  const type = balancer.fields['AddressType']
  if (values['address-type'] !== undefined && type !== values['address-type'])
    found.push(
      problem(
        fieldOf(`${PREFIX}address-type`),
        `The CLB ${values.id} is of type ${type}, not ${values['address-type']}.`,
      ),
    )
  const named = service.labels[ID_LABEL]
  if (address !== undefined && named !== undefined && named !== values.id)
    found.push(problem(idField, `The Service has its address from the CLB ${named}; it cannot change to ${values.id}.`))
  for (const { group, port } of values['vgroup-port'] ?? []) {
    const target = balancer.groups.find(({ id }) => id === group)
    if (target === undefined)
      found.push(
        problem(fieldOf(`${PREFIX}vgroup-port`), `The CLB ${values.id} has no group ${group} (for port ${port}).`),
      )
    else if (target.name.startsWith('k8s/'))
      found.push(
        problem(
          fieldOf(`${PREFIX}vgroup-port`),
          `The group ${group} was made by a controller; only one that was made by hand can be used.`,
        ),
      )
  }
  if (values['force-override-listeners'] === 'true') found.push(...conflicts(input, values.id, balancer, facts))
  return found
}

/** Several Services on one instance have different ports; the first one keeps a port. */
function conflicts(
  { service, services }: Input,
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
    return [{ severity: 'error', field: 'spec.ports', message }]
  })
}

function severalProblem(ids: readonly string[]): ServiceProblem {
  return {
    severity: 'error',
    field: '',
    message: `There are several CLBs with the tags of this Service: ${ids.join(', ')}. Nothing is changed until only one is left.`,
  }
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

/** Two groups with one of our names are there after a call whose answer was lost: the one that is used stays, else the first. */
export function keptGroup({ groups, listeners }: Balancer, name: string): Group | undefined {
  const found = groups.filter((one) => one.name === name).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return found.find(({ id }) => listeners.some(({ group }) => group === id)) ?? found[0]
}

export function isOurs(name: string, { namespace, name: service }: ServiceView, cluster: string): boolean {
  const match = /^k8s\/\d+(?:\.udp)?(\/.*)$/.exec(name)
  return match?.[1] === `/${service}/${namespace}/${cluster}`
}

function hasError(problems: readonly ServiceProblem[]): boolean {
  return problems.some(({ severity }) => severity === 'error')
}

function shown(servers: readonly Server[]): string {
  return servers.map(({ type, id, ip, port, weight }) => `${type === 'ecs' ? id : ip}:${port}=${weight}`).join(' ')
}
