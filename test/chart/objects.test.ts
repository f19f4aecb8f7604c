import { beforeAll, describe, expect, it } from 'vitest'
import { isMapping } from '../../src/snapshot/fields.js'
import { chart, fileOf, helm, HELM_MILLISECONDS, helmPath, template, valueSets } from './helm.js'
import { pick, readObjects, type KubernetesObject } from './objects.js'

const rendered = new Map<string, readonly KubernetesObject[]>()

beforeAll(async () => {
  helmPath()
  for (const set of valueSets) rendered.set(set, readObjects((await template('--values', fileOf(set))).stdout))
}, HELM_MILLISECONDS)

const objectsOf = (set: string): readonly KubernetesObject[] => rendered.get(set) ?? []

describe('CHT-1: the container', () => {
  it('runs as 101, may only bind ports, gains nothing and writes to memory and /tmp alone', () => {
    const { container, pod } = controllerOf('defaults')
    expect(container['securityContext']).toEqual({
      runAsNonRoot: true,
      runAsUser: 101,
      runAsGroup: 101,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    })
    expect(pod['securityContext']).toEqual({
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    })
    expect(pod['volumes']).toEqual([
      { name: 'state', emptyDir: { medium: 'Memory' } },
      { name: 'tmp', emptyDir: {} },
      { name: 'webhook-cert', secret: { secretName: 'fairlead-admission' } },
    ])
  })

  it("on the nodes' network asks for no sysctl, which Kubernetes would refuse there", () => {
    const { container, pod } = controllerOf('daemonset')
    expect(pod['securityContext']).toBeUndefined()
    expect(container['securityContext']).toMatchObject({ allowPrivilegeEscalation: false })
    expect(pod['dnsPolicy']).toBe('ClusterFirstWithHostNet')
  })

  it('SHD-1, SHD-2: stops by /wait-shutdown, serves on for 5 s, and has 300 s', () => {
    const { container, pod } = controllerOf('defaults')
    expect(container['lifecycle']).toEqual({ preStop: { exec: { command: ['/wait-shutdown'] } } })
    expect(argsOf('defaults')).toContain('--shutdown-grace-period=5')
    expect(pod['terminationGracePeriodSeconds']).toBe(300)
  })

  it('is asked for /readyz and /livez, and knows its pod', () => {
    const { container } = controllerOf('defaults')
    expect(container['readinessProbe']).toMatchObject({ httpGet: { path: '/readyz', port: 10254 } })
    expect(container['livenessProbe']).toMatchObject({ httpGet: { path: '/livez', port: 10254 } })
    expect(container['env']).toMatchObject([{ name: 'POD_NAME' }, { name: 'POD_NAMESPACE' }])
  })
})

describe('the store of lines', () => {
  it('is off, has a volume of its own with a bound where it is on, or the one that is given', async () => {
    const { pod, container } = controllerOf('two-replicas')
    expect(argsOf('two-replicas')).toEqual(
      expect.arrayContaining(['--log-store=/var/lib/fairlead-log/lines', '--log-retention=7d/1GB']),
    )
    expect(container['volumeMounts']).toContainEqual({ name: 'log-store', mountPath: '/var/lib/fairlead-log' })
    expect(pod['volumes']).toContainEqual({ name: 'log-store', emptyDir: { sizeLimit: '2Gi' } })
    expect(argsOf('defaults').join(' ')).not.toContain('log-store')
    const claim = 'controller.logStore.volume.persistentVolumeClaim.claimName=lines'
    const { stdout } = await template('--set', 'controller.logStore.enabled=true', '--set', claim)
    expect(stdout).toMatch(/- name: log-store\n +persistentVolumeClaim:\n +claimName: lines\n/)
    expect(stdout).not.toContain('sizeLimit')
  })
})

describe('arguments', () => {
  it('begin with the name that the image of ingress-nginx has', () => {
    for (const set of valueSets) expect(argsOf(set)[0]).toBe('/nginx-ingress-controller')
  })

  it('of extraArgs take the place of the chart, and may have no value', () => {
    const args = argsOf('kept-from-ingress-nginx')
    expect(args.filter((each) => each.startsWith('--shutdown-grace-period'))).toEqual(['--shutdown-grace-period=20'])
    expect(args).toContain('--enable-ssl-passthrough')
    expect(args).toContain('--v=2')
  })

  it.each(valueSets)('of %s name no flag twice', (set) => {
    const flags = argsOf(set).map((each) => each.split('=')[0])
    expect(new Set(flags).size).toBe(flags.length)
  })
})

describe('CHT-2: what the controller may do', () => {
  const watching = [
    'ingressclasses list watch, everywhere',
    'ingresses list watch, everywhere',
    'services list watch, everywhere',
    'configmaps list watch, everywhere',
    'endpointslices list watch, everywhere',
    'secrets list watch, everywhere',
    'ingresses/status patch, everywhere',
    'events create patch, everywhere',
  ]
  const own = (fullname: string) => [
    `configmaps list watch, in fairlead: ${fullname}-controller`,
    `leases get update, in fairlead: ${fullname}-leader`,
    'leases create, in fairlead',
    'pods list, in fairlead',
  ]

  it('by default', () => {
    expect(permissionsOf('defaults', 'fairlead')).toEqual([
      ...watching,
      ...own('fairlead'),
      'services list, in fairlead: fairlead-controller',
    ])
  })

  it('with headers of its own, and TCP and UDP services: five ConfigMaps', () => {
    expect(permissionsOf('two-replicas', 'fairlead')).toContain(
      'configmaps list watch, in fairlead: fairlead-controller fairlead-custom-add-headers fairlead-custom-proxy-headers fairlead-tcp fairlead-udp',
    )
  })

  it('where the status shows the addresses of nodes: nodes instead of a Service; SVC-9: and its own for the zone', () => {
    const nodes = ['nodes list, everywhere', 'nodes get, everywhere']
    expect(permissionsOf('daemonset', 'fairlead')).toEqual([...watching, ...nodes, ...own('fairlead')])
  })

  it('where namespaces are selected by label, with named Secrets: namespaces, and these Secrets', () => {
    expect(permissionsOf('selected-namespaces', 'team-ingress')).toEqual([
      ...watching.filter((each) => !each.startsWith('secrets')),
      'namespaces list watch, everywhere',
      ...own('team-ingress'),
      'services list, in fairlead: team-ingress-controller',
      'secrets list watch, in certificates: wildcard',
      'secrets list watch, in shop: shop-tls',
    ])
  })

  it('in one namespace with named Secrets: nothing everywhere, and no other Secret', () => {
    expect(permissionsOf('one-namespace', 'fairlead')).toEqual([
      ...own('fairlead'),
      'events create patch, in fairlead',
      'ingresses list watch, in shop',
      'services list watch, in shop',
      'configmaps list watch, in shop',
      'endpointslices list watch, in shop',
      'ingresses/status patch, in shop',
      'events create patch, in shop',
      'namespaces get, in shop',
      'services list, in edge: entrance',
      'secrets list watch, in shop: shop-tls basic-auth',
    ])
    expect(objectsOf('one-namespace').filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([])
  })

  it('with a default backend that is not in the one namespace: its Service too, and endpoints beside it', async () => {
    const pages = 'defaultBackend.enabled=true,defaultBackend.image.image=pages'
    const { stdout } = await template('--values', fileOf('one-namespace'), '--set', pages)
    rendered.set('one-namespace with pages', readObjects(stdout))
    const before = permissionsOf('one-namespace', 'fairlead')
    expect(permissionsOf('one-namespace with pages', 'fairlead').filter((each) => !before.includes(each))).toEqual([
      'services list watch, in fairlead: fairlead-defaultbackend',
      'endpointslices list watch, in fairlead',
    ])
  })

  it("and what the webhook's job may", () => {
    expect(permissionsOf('defaults', 'fairlead-admission')).toEqual([
      'validatingwebhookconfigurations get patch, everywhere: fairlead-admission',
      'secrets get patch, in fairlead: fairlead-admission',
      'secrets create, in fairlead',
    ])
  })
})

describe('objects fit together', () => {
  it.each(valueSets)('in %s every Service finds pods and their ports', (set) => {
    const pods = objectsOf(set).flatMap(({ spec }) => (isMapping(spec) && isMapping(spec['template']) ? [spec] : []))
    for (const { kind, metadata, spec } of objectsOf(set)) {
      if (kind !== 'Service' || !isMapping(spec)) continue
      const selected = pods.filter((pod) => isSelected(at(pod, 'template', 'metadata', 'labels'), spec['selector']))
      expect(selected, metadata.name).toHaveLength(1)
      const ports = list(at(selected[0], 'template', 'spec', 'containers')).flatMap((each) => list(at(each, 'ports')))
      for (const port of list(spec['ports']))
        expect(
          ports.map((each) => at(each, 'name')),
          metadata.name,
        ).toContain(at(port, 'targetPort'))
    }
  })

  it('one replica has no budget that would block a drain; two have', () => {
    expect(objectsOf('defaults').map(({ kind }) => kind)).not.toContain('PodDisruptionBudget')
    expect(pick(objectsOf('two-replicas'), 'PodDisruptionBudget')['spec']).toMatchObject({ minAvailable: 1 })
  })

  it('the job is another one when what it does changes, since a job cannot be changed', async () => {
    const nameWith = async (...words: string[]): Promise<string> =>
      pick(readObjects((await template(...words)).stdout), 'Job').metadata.name
    const name = await nameWith()
    expect(await nameWith('--set', 'controller.replicaCount=2')).toBe(name)
    expect(await nameWith('--set', 'controller.image.tag=0.2.0')).not.toBe(name)
  })

  it('numbers stay as they were written', () => {
    expect(pick(objectsOf('two-replicas'), 'ConfigMap', 'fairlead-controller')['data']).toEqual({
      'add-headers': 'fairlead/fairlead-custom-add-headers',
      'proxy-set-headers': 'fairlead/fairlead-custom-proxy-headers',
      'keep-alive-requests': '1000000',
      hsts: 'false',
      'ssl-redirect': 'true',
    })
  })
})

describe('HTTP/3', () => {
  const udpPorts = (set: string): readonly unknown[] =>
    objectsOf(set).flatMap(({ kind, metadata, spec }) => {
      const found = [...new Set(JSON.stringify(spec ?? {}).match(/\{[^{}]*"UDP"[^{}]*\}/g))]
      return found.map((text) => [kind, metadata.name, JSON.parse(text)])
    })

  it('opens a port for UDP nowhere, unless use-http3 is true', async () => {
    for (const [set, value] of [
      ['without the key', ''],
      ['with use-http3: false', ',controller.config.use-http3=false'],
    ] as const) {
      const { stdout } = await template('--set', `controller.networkPolicy.enabled=true${value}`)
      rendered.set(set, readObjects(stdout))
      expect(udpPorts(set)).toEqual([])
    }
  })

  it('has it in pods, their Service and their NetworkPolicy, and tells clients of the port of the Service', async () => {
    const ports =
      'controller.containerPort.http=8080,controller.containerPort.https=8444,controller.hostPort.enabled=true'
    const words = [
      '--set',
      `controller.networkPolicy.enabled=true,${ports}`,
      '--set-string',
      'controller.config.use-http3=true',
    ]
    rendered.set('use-http3', readObjects((await template(...words)).stdout))
    expect(udpPorts('use-http3')).toEqual([
      ['NetworkPolicy', 'fairlead-controller', { protocol: 'UDP', port: 8444 }],
      ['Service', 'fairlead-controller', { name: 'quic', port: 443, targetPort: 'quic', protocol: 'UDP' }],
      ['Deployment', 'fairlead-controller', { name: 'quic', containerPort: 8444, protocol: 'UDP', hostPort: 443 }],
    ])
    const data = { 'use-http3': 'true', 'http3-port': '443' }
    expect(pick(objectsOf('use-http3'), 'ConfigMap', 'fairlead-controller')['data']).toEqual(data)
  })
})

describe('taking over a release of ingress-nginx', () => {
  it('keeps names, selectors, class, Lease and the name of the webhook', async () => {
    const words = ['--namespace', 'ingress-nginx', '--set', 'nameOverride=ingress-nginx']
    const objects = readObjects((await helm('template', 'ingress-nginx', chart, ...words)).stdout)
    const deployment = pick(objects, 'Deployment')
    expect(deployment.metadata.name).toBe('ingress-nginx-controller')
    expect(at(deployment, 'spec', 'selector', 'matchLabels')).toEqual({
      'app.kubernetes.io/name': 'ingress-nginx',
      'app.kubernetes.io/instance': 'ingress-nginx',
      'app.kubernetes.io/component': 'controller',
    })
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(names).toEqual(
      expect.arrayContaining([
        'Service ingress-nginx-controller',
        'Service ingress-nginx-controller-admission',
        'ConfigMap ingress-nginx-controller',
        'ServiceAccount ingress-nginx',
        'IngressClass nginx',
        'ValidatingWebhookConfiguration ingress-nginx-admission',
      ]),
    )
    expect(list(at(deployment, 'spec', 'template', 'spec', 'containers'))[0]).toMatchObject({
      args: expect.arrayContaining(['--election-id=ingress-nginx-leader']),
    })
  })
})

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => (isMapping(found) ? found[name] : undefined), value)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isSelected(labels: unknown, selector: unknown): boolean {
  if (!isMapping(labels) || !isMapping(selector)) return false
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

type Fields = Readonly<Record<string, unknown>>

function controllerOf(set: string): { readonly pod: Fields; readonly container: Fields } {
  const workload = objectsOf(set).find(
    ({ kind, metadata }) => /^(Deployment|DaemonSet)$/.test(kind) && metadata.name.endsWith('-controller'),
  )
  const pod = at(workload, 'spec', 'template', 'spec')
  const container = list(at(pod, 'containers'))[0]
  if (!isMapping(pod) || !isMapping(container)) throw new Error(`no controller in ${set}`)
  return { pod, container }
}

function argsOf(set: string): readonly string[] {
  return list(controllerOf(set).container['args']).map(String)
}

/**
 * What an account may do by the rendered roles and bindings: resource, verbs, where, and the names if it is limited to
 * some.
 */
function permissionsOf(set: string, account: string): readonly string[] {
  const objects = objectsOf(set)
  return objects
    .filter(({ kind, subjects }) => kind.endsWith('RoleBinding') && at(list(subjects)[0], 'name') === account)
    .flatMap(({ kind, metadata, roleRef }) => {
      const role = objects.find(
        (each) =>
          each.kind === kind.replace('Binding', '') &&
          each.metadata.name === at(roleRef, 'name') &&
          each.metadata.namespace === metadata.namespace,
      )
      const where = metadata.namespace === undefined ? 'everywhere' : `in ${metadata.namespace}`
      return list(role?.['rules']).map((rule) => {
        const words = (field: string): string => list(at(rule, field)).join(' ')
        const names = words('resourceNames')
        return `${words('resources')} ${words('verbs')}, ${where}${names === '' ? '' : `: ${names}`}`
      })
    })
}
