import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isMapping } from '../../src/snapshot/fields.js'
import { chart, HELM_MILLISECONDS, helmPath, template } from './helm.js'

beforeAll(() => void helmPath(), HELM_MILLISECONDS)

describe('values that the schema refuses', () => {
  it.each([
    ['a key with a slip', ['controller.replicas=2'], "additional properties 'replicas' not allowed"],
    ['a key at the top', ['replicaCount=2'], "additional properties 'replicaCount' not allowed"],
    [
      'a kind',
      ['controller.kind=StatefulSet'],
      "at '/controller/kind': value must be one of 'Deployment', 'DaemonSet'",
    ],
    ['a port', ['controller.containerPort.http=70000'], "at '/controller/containerPort/http': maximum"],
    ['text for a switch', ['controller.hostNetwork=maybe'], "at '/controller/hostNetwork': got string, want boolean"],
    ['a failure policy', ['controller.admissionWebhooks.failurePolicy=fail'], "value must be one of 'Ignore', 'Fail'"],
    [
      'a load balancer of another cloud',
      ['controller.loadBalancer.provider=other'],
      "must be one of '', 'addresses', 'alibaba'",
    ],
    ['a digest', ['controller.image.digest=sha256:abc'], "at '/controller/image/digest': 'sha256:abc' does not match"],
    ['a negative number of replicas', ['controller.replicaCount=-1'], "at '/controller/replicaCount': minimum"],
    ['a duration', ['controller.electionTTL=soon'], "at '/controller/electionTTL': 'soon' does not match pattern"],
  ])('%s', async (_, settings, sentence) => {
    expect(await refusal(settings)).toContain(sentence)
  })
})

describe('values that cannot be ignored without harm', () => {
  it.each([
    [
      'a foreign ConfigMap of TCP services',
      ['controller.tcp.configMapNamespace=a'],
      "always in the release's namespace",
    ],
    ['a template', ['controller.customTemplate.configMapName=t'], 'there is no text template here'],
    ['a module', ['controller.extraModules[0].name=waf'], 'modules cannot be added to NGINX here'],
    ['KEDA', ['controller.keda.enabled=true'], 'Use controller.autoscaling, or apply a ScaledObject of your own'],
    ['a foreign ConfigMap', ['controller.configMapNamespace=other'], "always in the release's namespace"],
    ['roles without a scope', ['rbac.scope=true'], 'Set controller.scope.enabled too'],
    ['a default backend without an image', ['defaultBackend.enabled=true'], 'defaultBackend.image: no image is named'],
    ['a list of Secrets that counts for nothing', ['rbac.namedSecrets.a[0]=b'], 'only with rbac.secrets=named'],
    ['Alibaba Cloud without a cluster id', ['controller.loadBalancer.provider=alibaba'], 'alibaba.clusterId tells'],
    ['a Service without namespace', ['controller.publishService.pathOverride=a'], 'must be namespace/name'],
    ['one port for two', ['controller.containerPort.http=8443'], 'Port 8443 is used twice in the pod'],
    ['the image of ingress-nginx', ['controller.image.image=ingress-nginx/controller'], "Name Fairlead's image"],
  ])('%s: refused with a sentence', async (_, settings, sentence) => {
    expect(await refusal(settings)).toContain(sentence)
  })
})

describe('names of values', () => {
  const schema: unknown = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'))
  const defaults: unknown = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'))

  it('of ingress-nginx are known (observability.md, section 5)', () => {
    const known = new Set(namesOf(schema))
    expect(contract.filter((name) => !known.has(name))).toEqual([])
  })

  it('that the schema knows have a default in values.yaml, but for these', () => {
    const given = new Set(keysOf(defaults))
    const without = namesOf(schema).filter((name) => !given.has(name))
    expect(without.filter((name) => !withoutDefault.has(name))).toEqual([])
    expect([...withoutDefault].filter((name) => !without.includes(name))).toEqual([])
  })
})

async function refusal(settings: readonly string[]): Promise<string> {
  const { ok, stderr } = await template(...settings.flatMap((each) => ['--set', each]))
  expect(ok).toBe(false)
  return stderr
}

/** Dotted names of all properties of a schema. */
function namesOf(schema: unknown, path = ''): readonly string[] {
  const properties = isMapping(schema) && isMapping(schema['properties']) ? schema['properties'] : {}
  return Object.entries(properties).flatMap(([name, below]) => [`${path}${name}`, ...namesOf(below, `${path}${name}.`)])
}

function keysOf(value: unknown, path = ''): readonly string[] {
  if (!isMapping(value)) return []
  return Object.entries(value).flatMap(([name, below]) => [`${path}${name}`, ...keysOf(below, `${path}${name}.`)])
}

const controller = (...names: readonly string[]): readonly string[] => names.map((name) => `controller.${name}`)

const contract = [
  'commonLabels',
  'defaultBackend.enabled',
  'defaultBackend.image',
  'dhParam',
  'imagePullSecrets',
  'portNamePrefix',
  'rbac.create',
  'rbac.scope',
  'serviceAccount',
  'tcp',
  'udp',
  ...controller('image', 'kind', 'replicaCount', 'config', 'addHeaders', 'proxySetHeaders', 'allowSnippetAnnotations'),
  ...controller('enableAnnotationValidations', 'extraArgs', 'extraEnvs', 'extraVolumes', 'extraVolumeMounts'),
  ...controller('extraInitContainers', 'extraContainers', 'extraModules', 'ingressClass', 'ingressClassByName'),
  ...['name', 'enabled', 'default', 'controllerValue', 'aliases', 'parameters'].map(
    (name) => `controller.ingressClassResource.${name}`,
  ),
  ...controller('watchIngressWithoutClass', 'electionID', 'electionTTL', 'disableLeaderElection', 'scope.enabled'),
  ...controller('scope.namespace', 'scope.namespaceSelector', 'publishService.enabled', 'publishService.pathOverride'),
  ...controller('reportNodeInternalIp', 'hostNetwork', 'hostPort', 'service.type', 'service.annotations'),
  ...controller('service.externalTrafficPolicy', 'service.loadBalancerIP', 'service.nodePorts', 'service.ports'),
  ...controller('service.targetPorts', 'service.enableHttp', 'service.enableHttps', 'service.internal'),
  ...controller('containerPort', 'autoscaling', 'keda', 'resources', 'affinity', 'tolerations'),
  ...controller('topologySpreadConstraints', 'nodeSelector', 'minAvailable', 'terminationGracePeriodSeconds'),
  ...controller('lifecycle', 'livenessProbe', 'readinessProbe', 'admissionWebhooks.enabled', 'networkPolicy.enabled'),
  ...controller('admissionWebhooks.failurePolicy', 'admissionWebhooks.port', 'admissionWebhooks.certManager.enabled'),
  ...controller('admissionWebhooks.patch', 'metrics.enabled', 'metrics.service', 'metrics.serviceMonitor'),
  ...controller('metrics.prometheusRule', 'enableTopologyAwareRouting', 'customTemplate', 'maxmindLicenseKey'),
]

/** Names of ingress-nginx that the notes or a refusal answer, and some that are left to the general ones beside them. */
const withoutDefault = new Set([
  'defaultBackend.existingPsp',
  'defaultBackend.image.repository',
  'dhParam',
  'global',
  'podSecurityPolicy',
  ...controller('image.repository', 'image.chroot', 'image.digestChroot', 'configMapNamespace', 'enableMimalloc'),
  ...controller('allowSnippetAnnotations', 'customTemplate', 'customTemplate.configMapName', 'maxmindLicenseKey'),
  ...controller('customTemplate.configMapKey', 'opentelemetry', 'extraModules', 'existingPsp', 'keda', 'tcp', 'udp'),
  ...controller('service.nodePorts.tcp', 'service.nodePorts.udp', 'service.internal.nodePorts.tcp'),
  ...controller('service.internal.nodePorts.udp', 'service.internal.ports.http', 'service.internal.ports.https'),
  ...controller('service.internal.targetPorts.http', 'service.internal.targetPorts.https'),
  ...controller('admissionWebhooks.existingPsp', 'admissionWebhooks.networkPolicyEnabled'),
  ...controller('admissionWebhooks.patch.image', 'admissionWebhooks.patchWebhookJob'),
  ...['name', 'resources', 'securityContext'].map((name) => `controller.admissionWebhooks.patchWebhookJob.${name}`),
])
