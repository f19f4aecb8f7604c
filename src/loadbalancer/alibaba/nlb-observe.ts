import type { ServiceView } from '../views.js'
import { type Fields, items, mapping, number, text, words } from './answer.js'
import type { Cloud } from './api.js'
import { ask, askPages } from './ask.js'
import { readAnnotations } from './declare.js'
import type { Listing } from './listing.js'
import { CCM, defaultName, formerId, isAsItWas, isInOrder, TAGS } from './names.js'
import { nlbAnnotations } from './nlb-annotations.js'
import { guardsOf, unlessUnreachable } from './nlb-guard-observe.js'
import type { NlbBalancer, NlbExisting, NlbListener, ServerGroup } from './nlb-existing.js'
import { flatten, type ParameterMap } from './parameters.js'
import { batches, usualAddress } from './servers.js'
import type { ClusterFacts } from './settings.js'

/** Reads what there is of NLB for a Service. Rejects with a CloudError. @source loadbalancer.md sections 2.2, 6.3 */
export async function observeNlb(
  cloud: Cloud,
  service: ServiceView,
  facts: ClusterFacts,
  listings: NlbListings,
): Promise<NlbExisting> {
  const { values } = readAnnotations(nlbAnnotations, service)
  const isWanted = service.sourceRanges.length > 0 && service.type === 'LoadBalancer' && !service.deleting
  // A Service that vanishes looks as it was, and its group would have our tags for ever.
  const isToBeKept = values['preserve-lb-on-delete'] !== undefined && service.sourceRanges.length > 0
  const [own, named, groups, users] = await Promise.all([
    mine(service, listings.balancers, () => nlbByTag(cloud, facts, TAGS.service, service.uid)),
    values.id === undefined ? [] : list(cloud, facts, { LoadBalancerIds: [values.id] }),
    mine(service, listings.groups, () => groupsByTag(cloud, facts, TAGS.service, service.uid)),
    groupsById(
      cloud,
      facts,
      (values['vgroup-port'] ?? []).map(({ group }) => group),
    ),
  ])
  const others =
    own.length > 0 || values.id !== undefined || !facts.takeOver
      ? []
      : await nlbByTag(cloud, facts, CCM.nameTag, defaultName(service))
  const other = values.id === undefined ? undefined : own.find((one) => text(one, 'LoadBalancerId') !== values.id)
  // What was created for the Service stays its own when an annotation names another one: it is kept, and deleted with it.
  const found = other !== undefined ? own : values.id === undefined ? [...own, ...others] : named
  const left = formerId(
    service,
    values.id,
    own.map((one) => text(one, 'LoadBalancerId')),
  )
  const [first] = found
  const several = found.length > 1 ? found.map((one) => text(one, 'LoadBalancerId')) : []
  const seen = new Set(groups.map((one) => text(one, 'ServerGroupId')))
  const instance = first === undefined ? undefined : text(first, 'LoadBalancerId')
  const reading = first === undefined || several.length > 0 ? undefined : readBalancer(cloud, first, service, facts)
  const mayBeGuarded = async (): Promise<boolean> => {
    const named = values['security-group-ids'] ?? []
    return (await reading)?.securityGroups.some((id) => !named.includes(id)) === true
  }
  const [balancer, former, ours, theirs, guards] = await Promise.all([
    reading,
    left === undefined ? undefined : formerOf(cloud, left, service, facts),
    Promise.all(groups.map((group) => readGroup(cloud, facts, group, true))),
    Promise.all(
      users
        .filter((one) => !seen.has(text(one, 'ServerGroupId')))
        .map((group) => readGroup(cloud, facts, group, false)),
    ),
    isInOrder(service, instance) && !isToBeKept
      ? []
      : unlessUnreachable(
          guardsOf(cloud, facts, service.uid, isWanted && !isInOrder(service, instance) ? 'wanted' : 'if there is one'),
          () => (service.sourceRanges.length > 0 ? Promise.resolve(true) : mayBeGuarded()),
        ),
  ])
  const isFullLook = values.id !== undefined && other === undefined && !isInOrder(service, instance)
  const used = [...(isFullLook ? (balancer?.listeners ?? []) : []), ...(former?.listeners ?? [])]
  const known = new Set(['', ...[...groups, ...users].map((one) => text(one, 'ServerGroupId'))])
  // Annotations that named groups of the user may say otherwise by now.
  const once = [...new Set(used.map(({ group }) => group))].filter((id) => !known.has(id))
  const more = await groupsById(cloud, facts, once)
  const formerly = await Promise.all(more.map((group) => readGroup(cloud, facts, group, false)))
  return {
    cloud: 'nlb',
    balancer,
    by: values.id !== undefined && other === undefined ? 'id' : own.length > 0 ? 'tag' : 'tag of the cloud controller',
    several,
    own: other === undefined ? undefined : text(other, 'LoadBalancerId'),
    former,
    groups: [...ours, ...theirs, ...formerly],
    guards,
  }
}

export interface NlbListings {
  readonly balancers: Listing
  readonly groups: Listing
}

/** From the list of all, if the Service was in order and is in it; else by a closer look. */
async function mine(
  service: ServiceView,
  listing: Listing,
  look: () => Promise<readonly Fields[]>,
): Promise<readonly Fields[]> {
  if (!isAsItWas(service)) return look()
  const isMine = (tag: Fields): boolean => text(tag, 'Key') === TAGS.service && text(tag, 'Value') === service.uid
  const found = (await listing.read()).filter((one) => items(one, 'Tags').some(isMine))
  return found.length > 0 ? found : look()
}

export function nlbByTag(cloud: Cloud, facts: ClusterFacts, Key: string, Value: string): Promise<readonly Fields[]> {
  return list(cloud, facts, { Tag: [{ Key, Value }] })
}

export function groupsByTag(cloud: Cloud, facts: ClusterFacts, Key: string, Value: string): Promise<readonly Fields[]> {
  return askPages(cloud, 'nlb', 'ListServerGroups', { RegionId: facts.region, Tag: [{ Key, Value }] }, 'ServerGroups')
}

/** The API takes so many ids in a call. */
const IDS_IN_A_CALL = 20

async function groupsById(cloud: Cloud, { region }: ClusterFacts, ids: readonly string[]): Promise<readonly Fields[]> {
  const found = await Promise.all(
    batches(ids, IDS_IN_A_CALL).map((some) =>
      askPages(cloud, 'nlb', 'ListServerGroups', { RegionId: region, ServerGroupIds: some }, 'ServerGroups'),
    ),
  )
  return found.flat()
}

function list(cloud: Cloud, { region }: ClusterFacts, by: ParameterMap): Promise<readonly Fields[]> {
  return askPages(cloud, 'nlb', 'ListLoadBalancers', { RegionId: region, ...by }, 'LoadBalancers')
}

/** Only what a user made was ever used by its id. */
async function formerOf(
  cloud: Cloud,
  id: string,
  service: ServiceView,
  facts: ClusterFacts,
): Promise<NlbBalancer | undefined> {
  const [listed] = await list(cloud, facts, { LoadBalancerIds: [id] })
  if (listed === undefined) return undefined
  const isMade = items(listed, 'Tags').some(
    (tag) => text(tag, 'Key') === TAGS.service || text(tag, 'Key') === CCM.nameTag,
  )
  return isMade ? undefined : readBalancer(cloud, listed, service, facts)
}

async function readBalancer(
  cloud: Cloud,
  listed: Fields,
  service: ServiceView,
  { region }: ClusterFacts,
): Promise<NlbBalancer> {
  const id = text(listed, 'LoadBalancerId')
  const [attributes, listeners] = await Promise.all([
    // A list says enough, unless everything is compared.
    isInOrder(service, id)
      ? listed
      : ask(cloud, 'nlb', 'GetLoadBalancerAttribute', { RegionId: region, LoadBalancerId: id }),
    askPages(cloud, 'nlb', 'ListListeners', { RegionId: region, LoadBalancerIds: [id] }, 'Listeners'),
  ])
  const zones = items(attributes, 'ZoneMappings').map((zone) => `${text(zone, 'ZoneId')}:${text(zone, 'VSwitchId')}`)
  return {
    id,
    status: text(attributes, 'LoadBalancerStatus'),
    host: text(attributes, 'DNSName'),
    fields: dotted(attributes),
    zones: zones.toSorted(),
    securityGroups: words(attributes, 'SecurityGroupIds'),
    tags: Object.fromEntries(items(attributes, 'Tags').map((tag) => [text(tag, 'Key'), text(tag, 'Value')])),
    listeners: await Promise.all(listeners.map((listener) => readListener(cloud, region, listener))),
  }
}

async function readListener(cloud: Cloud, region: string, listed: Fields): Promise<NlbListener> {
  const id = text(listed, 'ListenerId')
  const protocol = text(listed, 'ListenerProtocol')
  const certificates =
    protocol === 'TCPSSL'
      ? await askPages(cloud, 'nlb', 'ListListenerCertificates', { RegionId: region, ListenerId: id }, 'Certificates')
      : []
  const [from, to] = [text(listed, 'StartPort'), text(listed, 'EndPort')]
  return {
    id,
    protocol,
    port: number(listed, 'StartPort') > 0 ? `${from}_${to}` : text(listed, 'ListenerPort'),
    status: text(listed, 'ListenerStatus'),
    description: text(listed, 'ListenerDescription'),
    group: text(listed, 'ServerGroupId'),
    fields: dotted(listed),
    certificates: certificates.filter((one) => one['IsDefault'] !== true).map((one) => text(one, 'CertificateId')),
  }
}

async function readGroup(
  cloud: Cloud,
  { region }: ClusterFacts,
  listed: Fields,
  isOurs: boolean,
): Promise<ServerGroup> {
  const id = text(listed, 'ServerGroupId')
  const servers = await askPages(
    cloud,
    'nlb',
    'ListServerGroupServers',
    { RegionId: region, ServerGroupId: id },
    'Servers',
  )
  const { HealthCheck, ...rest } = listed
  return {
    id,
    name: text(listed, 'ServerGroupName'),
    status: text(listed, 'ServerGroupStatus'),
    isOurs,
    // It is given by one name and told by another.
    fields: dotted({ ...rest, HealthCheckConfig: HealthCheck }),
    servers: servers.map((server) => {
      const type = text(server, 'ServerType').toLowerCase()
      return {
        type: type === 'ip' ? 'ip' : type === 'ecs' ? 'ecs' : 'eni',
        id: text(server, 'ServerId'),
        ip: type === 'ecs' ? '' : usualAddress(text(server, 'ServerIp')),
        port: number(server, 'Port'),
        weight: number(server, 'Weight'),
        description: text(server, 'Description'),
      }
    }),
  }
}

/** An answer by dotted names, as its parameters are given. */
function dotted(fields: Fields): Readonly<Record<string, string>> {
  // What comes from JSON is text, numbers, booleans, lists and mappings, or null, which says nothing.
  return flatten(mapping(JSON.parse(JSON.stringify(fields, (_, value: unknown) => value ?? undefined))) as ParameterMap)
}
