import { fieldsOf, listOf, numberOf, textMapOf, textOf, textsOf, wordOf } from './raw-fields.js'
import type { ServicePortView, ServiceView, StatusAddress } from './views.js'

/**
 * Says who may come, where `spec.loadBalancerSourceRanges` does not. Source: Kubernetes,
 * api/core/v1/annotation_key_constants.go.
 */
const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges'
/** Of `sessionAffinity: ClientIP` without a time. */
const AFFINITY_SECONDS = 10_800

/** A v1 Service as the API server gives it; undefined: it is none. Items of lists have no kind. */
export function readService(raw: unknown): ServiceView | undefined {
  const object = fieldsOf(raw)
  const metadata = fieldsOf(object['metadata'])
  const spec = fieldsOf(object['spec'])
  const name = textOf(metadata['name'])
  if (name === '') return undefined
  const annotations = textMapOf(metadata['annotations'])
  const ranges = textsOf(spec['loadBalancerSourceRanges'])
  const clientIP = fieldsOf(fieldsOf(spec['sessionAffinityConfig'])['clientIP'])
  const loadBalancerClass = textOf(spec['loadBalancerClass'])
  return {
    namespace: textOf(metadata['namespace']),
    name,
    uid: textOf(metadata['uid']),
    annotations,
    labels: textMapOf(metadata['labels']),
    finalizers: textsOf(metadata['finalizers']),
    deleting: textOf(metadata['deletionTimestamp']) !== '',
    type: wordOf(spec['type'], ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']),
    loadBalancerClass: loadBalancerClass === '' ? undefined : loadBalancerClass,
    loadBalancerIP: textOf(spec['loadBalancerIP']),
    sourceRanges: ranges.length > 0 ? ranges : words(annotations[RANGES_ANNOTATION] ?? ''),
    externalIPs: textsOf(spec['externalIPs']),
    externalTrafficPolicy: wordOf(spec['externalTrafficPolicy'], ['Cluster', 'Local']),
    healthCheckNodePort: numberOf(spec['healthCheckNodePort']),
    allocateNodePorts: spec['allocateLoadBalancerNodePorts'] !== false,
    sessionAffinity: wordOf(spec['sessionAffinity'], ['None', 'ClientIP']),
    sessionAffinitySeconds: numberOf(clientIP['timeoutSeconds']) || AFFINITY_SECONDS,
    ipFamilies: listOf(spec['ipFamilies']).map((family) => wordOf(family, ['IPv4', 'IPv6'])),
    ipFamilyPolicy: wordOf(spec['ipFamilyPolicy'], ['SingleStack', 'PreferDualStack', 'RequireDualStack']),
    selector: textMapOf(spec['selector']),
    ports: listOf(spec['ports']).map(readPort),
    status: readStatus(object['status']),
  }
}

function readPort(raw: unknown): ServicePortView {
  const fields = fieldsOf(raw)
  const target = fields['targetPort']
  return {
    name: textOf(fields['name']),
    protocol: wordOf(fields['protocol'], ['TCP', 'UDP', 'SCTP']),
    port: numberOf(fields['port']),
    targetPort: typeof target === 'string' ? target : numberOf(target),
    nodePort: numberOf(fields['nodePort']),
    appProtocol: textOf(fields['appProtocol']),
  }
}

/** An address without `ipMode` is a VIP, as for kube-proxy; API servers before 1.29 keep none. */
function readStatus(raw: unknown): readonly StatusAddress[] {
  return listOf(fieldsOf(fieldsOf(raw)['loadBalancer'])['ingress']).flatMap((entry): readonly StatusAddress[] => {
    const fields = fieldsOf(entry)
    const ports = listOf(fields['ports']).map((port) => {
      const { error, ...rest } = fieldsOf(port)
      const read = { port: numberOf(rest['port']), protocol: textOf(rest['protocol']) }
      return textOf(error) === '' ? read : { ...read, error: textOf(error) }
    })
    const withPorts = ports.length === 0 ? {} : { ports }
    const ip = textOf(fields['ip'])
    const hostname = textOf(fields['hostname'])
    if (ip !== '') return [{ ip, ipMode: wordOf(fields['ipMode'], ['VIP', 'Proxy']), ...withPorts }]
    return hostname === '' ? [] : [{ hostname, ...withPorts }]
  })
}

function words(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
