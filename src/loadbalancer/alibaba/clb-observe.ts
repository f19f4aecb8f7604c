import type { ServiceView } from '../views.js'
import { type Fields, items, mapping, number, text, texts } from './answer.js'
import type { Cloud } from './api.js'
import { ask, askPages, CloudError } from './ask.js'
import { clbAnnotations } from './clb-annotations.js'
import type { Balancer, ClbExisting, Group, Listener } from './clb-existing.js'
import type { ClbProtocol } from './clb-listeners.js'
import { isOurs } from './clb-objects.js'
import { readAnnotations } from './declare.js'
import type { Listing } from './listing.js'
import { CCM, defaultName, formerId, isAsItWas, isInOrder, TAGS } from './names.js'
import { usualAddress } from './servers.js'
import type { ClusterFacts } from './settings.js'

/** Reads what there is of CLB for a Service. Rejects with a CloudError. @source loadbalancer.md sections 2.2, 6.2 */
export async function observeClb(
  cloud: Cloud,
  service: ServiceView,
  facts: ClusterFacts,
  listing: Listing,
): Promise<ClbExisting> {
  const { values } = readAnnotations(clbAnnotations, service)
  const listed = isAsItWas(service)
    ? (await listing.read()).filter((one) => tagOf(one, TAGS.service) === service.uid)
    : []
  const own = listed.length > 0 ? listed : await byTag(cloud, facts, TAGS.service, service.uid)
  const named = values.id === undefined ? [] : await describe(cloud, facts, { LoadBalancerId: values.id })
  const others =
    own.length > 0 || values.id !== undefined || !facts.takeOver
      ? []
      : await byTag(cloud, facts, CCM.nameTag, defaultName(service))
  const other = values.id === undefined ? undefined : own.find((one) => text(one, 'LoadBalancerId') !== values.id)
  // What was created for the Service stays its own when an annotation names another one: it is kept, and deleted with it.
  const found = other !== undefined ? own : values.id === undefined ? [...own, ...others] : named
  const left = formerId(
    service,
    values.id,
    own.map((one) => text(one, 'LoadBalancerId')),
  )
  const formers = left === undefined ? [] : await describe(cloud, facts, { LoadBalancerId: left })
  const [first] = found
  const isNamed = values.id !== undefined && other === undefined
  const by = isNamed ? 'id' : own.length > 0 ? 'tag' : 'tag of the cloud controller'
  const several = found.length > 1 ? found.map((one) => text(one, 'LoadBalancerId')) : []
  const balancer =
    first === undefined || several.length > 0
      ? undefined
      : await readBalancer(
          cloud,
          first,
          service,
          facts,
          isNamed && !isInOrder(service, text(first, 'LoadBalancerId')) ? 'all groups' : 'groups that matter',
        )
  const eip =
    balancer === undefined || values['external-ip-type'] === undefined
      ? undefined
      : await eipOf(cloud, facts, balancer.id)
  return {
    cloud: 'clb',
    balancer,
    by,
    several,
    own: other === undefined ? undefined : text(other, 'LoadBalancerId'),
    eip,
    former: await formerOf(cloud, formers[0], service, facts),
  }
}

/** Only what a user made was ever used by its id. */
async function formerOf(
  cloud: Cloud,
  listed: Fields | undefined,
  service: ServiceView,
  facts: ClusterFacts,
): Promise<Balancer | undefined> {
  const isMade = listed === undefined || [TAGS.service, CCM.nameTag].some((key) => tagOf(listed, key) !== undefined)
  return isMade ? undefined : readBalancer(cloud, listed, service, facts, 'all groups')
}

function tagOf(one: Fields, key: string): string | undefined {
  const tag = items(one, 'Tags', 'Tag').find((found) => text(found, 'TagKey') === key)
  return tag === undefined ? undefined : text(tag, 'TagValue')
}

/** Instances with a tag; without a value: with that tag, whatever it says. */
export function byTag(cloud: Cloud, facts: ClusterFacts, key: string, value: string): Promise<readonly Fields[]> {
  return describe(cloud, facts, { Tags: JSON.stringify([{ TagKey: key, TagValue: value }]) })
}

const PAGE = 100

async function describe(
  cloud: Cloud,
  { region }: ClusterFacts,
  by: Readonly<Record<string, string>>,
): Promise<readonly Fields[]> {
  const found: Fields[] = []
  for (let page = 1; ; page += 1) {
    const body = await ask(cloud, 'slb', 'DescribeLoadBalancers', {
      RegionId: region,
      ...by,
      PageSize: PAGE,
      PageNumber: page,
    })
    const more = items(body, 'LoadBalancers', 'LoadBalancer')
    found.push(...more)
    if (more.length < PAGE || found.length >= number(body, 'TotalCount')) return found
  }
}

async function readBalancer(
  cloud: Cloud,
  listed: Fields,
  service: ServiceView,
  facts: ClusterFacts,
  /** Annotations that named groups of the user may say otherwise by now. */
  servers: 'all groups' | 'groups that matter' = 'groups that matter',
): Promise<Balancer> {
  const id = text(listed, 'LoadBalancerId')
  const one = { RegionId: facts.region, LoadBalancerId: id }
  const { values } = readAnnotations(clbAnnotations, service)
  const [attributes, listeners, groups] = await Promise.all([
    // A list says enough, unless everything is compared.
    isInOrder(service, id) ? listed : ask(cloud, 'slb', 'DescribeLoadBalancerAttribute', one),
    askPages(
      cloud,
      'slb',
      'DescribeLoadBalancerListeners',
      { RegionId: facts.region, LoadBalancerId: [id] },
      'Listeners',
    ),
    ask(cloud, 'slb', 'DescribeVServerGroups', one),
  ])
  const shown = items(groups, 'VServerGroups', 'VServerGroup')
  const mapped = new Set((values['vgroup-port'] ?? []).map(({ group }) => group))
  const matters = (group: Fields): boolean =>
    servers === 'all groups' ||
    mapped.has(text(group, 'VServerGroupId')) ||
    isOurs(text(group, 'VServerGroupName'), service, facts.cluster)
  return {
    id,
    address: text(attributes, 'Address'),
    fields: fieldsOf(attributes),
    tags: Object.fromEntries(
      items(attributes, 'Tags', 'Tag').map((tag) => [text(tag, 'TagKey'), text(tag, 'TagValue')]),
    ),
    groups: [
      ...(await Promise.all(
        shown.map((group) => (matters(group) ? readGroup(cloud, facts, group) : Promise.resolve(groupOf(group, [])))),
      )),
      ...(await unlistedGroups(cloud, facts, shown, listeners)),
    ],
    listeners: await Promise.all(listeners.map((listener) => readListener(cloud, facts, id, listener, service))),
  }
}

/** Two fields have older words for what they say. */
function fieldsOf(attributes: Fields): Readonly<Record<string, string>> {
  const fields = texts(attributes)
  const words: Readonly<Record<string, string>> = { 3: 'paybybandwidth', 4: 'paybytraffic' }
  const charge = fields['InternetChargeType'] ?? ''
  return charge === '' ? fields : { ...fields, InternetChargeType: words[charge] ?? charge }
}

async function readGroup(cloud: Cloud, { region }: ClusterFacts, listed: Fields): Promise<Group> {
  const parameters = { RegionId: region, VServerGroupId: text(listed, 'VServerGroupId') }
  const body = await ask(cloud, 'slb', 'DescribeVServerGroupAttribute', parameters)
  return groupOf(listed, items(body, 'BackendServers', 'BackendServer'))
}

/** What a listener uses is there, also while the list does not show it yet: else it would be made a second time. */
async function unlistedGroups(
  cloud: Cloud,
  { region }: ClusterFacts,
  shown: readonly Fields[],
  listeners: readonly Fields[],
): Promise<readonly Group[]> {
  const known = new Set(['', ...shown.map((group) => text(group, 'VServerGroupId'))])
  const missing = new Set(listeners.map((listener) => text(listener, 'VServerGroupId')).filter((id) => !known.has(id)))
  const found = await Promise.all(
    [...missing].map(async (id) => {
      try {
        const body = await ask(cloud, 'slb', 'DescribeVServerGroupAttribute', { RegionId: region, VServerGroupId: id })
        return [groupOf(body, items(body, 'BackendServers', 'BackendServer'))]
      } catch (cause) {
        if (cause instanceof CloudError && cause.failure.class === 'gone') return []
        throw cause
      }
    }),
  )
  return found.flat()
}

function groupOf(listed: Fields, servers: readonly Fields[]): Group {
  return {
    id: text(listed, 'VServerGroupId'),
    name: text(listed, 'VServerGroupName'),
    servers: servers.map((server) => {
      const isMachine = !['eni', 'eci'].includes(text(server, 'Type').toLowerCase())
      return {
        type: isMachine ? 'ecs' : 'eni',
        id: text(server, 'ServerId'),
        ip: isMachine ? '' : usualAddress(text(server, 'ServerIp')),
        port: number(server, 'Port'),
        weight: number(server, 'Weight'),
        description: text(server, 'Description'),
      }
    }),
  }
}

async function readListener(
  cloud: Cloud,
  { region }: ClusterFacts,
  id: string,
  listed: Fields,
  service: ServiceView,
): Promise<Listener> {
  const protocol = text(listed, 'ListenerProtocol') as ClbProtocol // the API knows no other
  const port = number(listed, 'ListenerPort')
  const config = mapping(listed[`${protocol.toUpperCase()}ListenerConfig`])
  const settings = { ...texts(listed), ...texts(config) }
  const isHttps = protocol === 'https' && service.ports.some((one) => one.port === port)
  const domains = isHttps
    ? await ask(cloud, 'slb', 'DescribeDomainExtensions', {
        RegionId: region,
        LoadBalancerId: id,
        ListenerProtocol: protocol,
        ListenerPort: port,
      })
    : {}
  return {
    protocol,
    port,
    status: text(listed, 'Status'),
    description: text(listed, 'Description'),
    group: text(listed, 'VServerGroupId'),
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.toLowerCase(), value])),
    domains: Object.fromEntries(
      items(domains, 'DomainExtensions', 'DomainExtension').map((one) => [
        text(one, 'Domain'),
        { id: text(one, 'DomainExtensionId'), certificate: text(one, 'ServerCertificateId') },
      ]),
    ),
  }
}

async function eipOf(cloud: Cloud, { region }: ClusterFacts, id: string): Promise<string | undefined> {
  const parameters = { RegionId: region, AssociatedInstanceType: 'SlbInstance', AssociatedInstanceId: id }
  const body = await ask(cloud, 'vpc', 'DescribeEipAddresses', parameters)
  return items(body, 'EipAddresses', 'EipAddress').map((one) => text(one, 'IpAddress'))[0]
}
