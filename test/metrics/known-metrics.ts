import { SortedMap } from '../../src/collections/sorted-map.js'
import { controllerFamilies, ownFamilies } from '../../src/controller/metrics/families.js'
import { createControllerRecord } from '../../src/controller/metrics/record.js'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { printFamilies, type Family } from '../../src/observe/metrics/family.js'
import { createNginxFamilies, readNginxProcesses } from '../../src/observe/metrics/nginx-families.js'
import { createProcessFamilies } from '../../src/observe/metrics/process-families.js'
import { printRequestMetrics } from '../../src/observe/metrics/request-text.js'
import { createRequestMetricsStore } from '../../src/observe/metrics/store.js'
import type { Labels } from '../../src/observe/metrics/text.js'
import type { Ingress, IngressClass, Secret } from '../../src/snapshot/objects.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { emptySnapshot, type Snapshot } from '../../src/snapshot/snapshot.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate } from '../../src/translate/translate.js'

const constant: Labels = [
  ['controller_class', 'c'],
  ['controller_namespace', 'n'],
  ['controller_pod', 'p'],
]

/**
 * What a scrape has of a cluster with one Ingress, one certificate and requests of every kind: the metrics that there
 * are.
 */
export function scrapeOfEverything(): string {
  const families = printFamilies([...controller(), ...nginx(), ...createProcessFamilies()()], 'text')
  return [...requests(), ...families].join('')
}

function requests(): Iterable<string> {
  const settings = {
    times: [1],
    lengths: [10],
    sizes: [10],
    perHost: true,
    undefinedHosts: false,
    statusClasses: false,
  }
  const store = createRequestMetricsStore({ ...settings, most: 10 })
  const cells = Array.from({ length: 30 }, (_, i) => `${i + 1}:1`).join(' ')
  store.add(`shop\tfront\tfront\tshop.test\t/\tshop-new-80\tGET\t200\t\t${cells} \n`)
  return printRequestMetrics(store, constant, new Set(), 'text')
}

function nginx(): readonly Family[] {
  const connections = { active: 1, reading: 0, writing: 1, waiting: 0, accepted: 1, handled: 1, requests: 1 }
  return createNginxFamilies(constant)(readNginxProcesses(process.pid), connections)
}

function controller(): readonly Family[] {
  const record = createControllerRecord({ now: () => 0, wall: () => Date.now() })
  const take = record.taking(() => ({ snapshot, problems: [], complete: true }))
  const snapshot = oneIngress()
  const fallbackCertificate = { chain: '', key: '' }
  const options = defaultTranslateOptions
  const translation = translate(snapshot, options, { fallbackCertificate, now: Date.now() })
  const served = SortedMap.empty<Ingress>().with([...snapshot.ingresses].map(([key, one]) => [key, one]))
  const { problems } = translation
  record.passed({ snapshot: emptySnapshot, served, problems, live: true }, translation)
  record.changed()
  take()
  record.passed({ snapshot, served, problems, live: true }, translation)
  for (const admitted of [true, false])
    record.reviewed({ namespace: 'shop', ingress: 'front', admitted, seconds: 0.01, tested: 2 })
  return [
    ...controllerFamilies(record, {
      constant,
      controllerClass: 'c',
      version: '1',
      configDigest: 'abcdef0123456789',
      isLeader: true,
      electionId: 'e',
      reviews: true,
    }),
    ...ownFamilies(record, {
      version: '1',
      revision: 1,
      pushed: { pushes: 1, failed: 0, puts: 1, drops: 0, bytes: 1 },
      reloads: { profiles: 0, settings: 0, code: 0 },
      table: { free: 1, capacity: 2 },
      snapshotAge: 1,
      watchRestarts: new Map([['services', 0]]),
      watchLag: new Map([['services', 0]]),
      requestSeries: { size: 1, overflowed: 0 },
    }),
  ]
}

function oneIngress(): Snapshot {
  const { certificate, key } = createSelfSigned({
    commonName: 'shop.test',
    organization: 'test',
    names: ['shop.test'],
    days: 9,
    now: Date.now(),
  })
  const metadata = { namespace: 'shop', name: 'front' }
  const backend = { service: { name: 'front', port: { number: 80 } } }
  const rule = { host: 'shop.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }
  const spec = { ingressClassName: 'nginx', tls: [{ hosts: ['shop.test'], secretName: 'front' }], rules: [rule] }
  const ingress = read({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec })
  const stringData = { 'tls.crt': certificate, 'tls.key': key }
  const secret = read({ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, stringData })
  const ours = { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } }
  const ingressClass = read({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', ...ours })
  if (ingressClass?.kind !== 'IngressClass' || ingress?.kind !== 'Ingress' || secret?.kind !== 'Secret')
    throw new Error('the objects cannot be read')
  return {
    ...emptySnapshot,
    ingressClasses: SortedMap.empty<IngressClass>().with([['nginx', ingressClass]]),
    ingresses: SortedMap.empty<Ingress>().with([['shop/front', ingress]]),
    secrets: SortedMap.empty<Secret>().with([['shop/front', secret]]),
  }
}

function read(raw: Readonly<Record<string, unknown>>): ReturnType<typeof parseObject>['object'] {
  return parseObject(raw, undefined).object
}
