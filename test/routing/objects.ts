import { createAuthority } from '../support/certificates.js'

/** One set of manifests for the whole table; every backend answers with its own name. */
const authority = createAuthority('routing table')

const namespace = 'test'

type PathRow = readonly [path: string, pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific', backend: string]

function ingress(name: string, host: string, paths: readonly PathRow[], more: object = {}): object {
  const rules = [
    {
      ...(host === '' ? {} : { host }),
      http: { paths: paths.map(([path, pathType, service]) => ({ path, pathType, backend: backendOf(service) })) },
    },
  ]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace },
    spec: { ingressClassName: 'nginx', rules, ...more },
  }
}

function backendOf(service: string): object {
  return { service: { name: service, port: { number: 80 } } }
}

function tls(name: string, names: readonly string[]): object {
  const { chain, key } = authority.issue({ names })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace },
    stringData: { 'tls.crt': chain, 'tls.key': key },
  }
}

export const services = [
  'root',
  'exact',
  'short',
  'long',
  'slash',
  'wild',
  'fallback',
  'empty',
  'secure',
  'impl',
  'utf8',
] as const

export function objects(ports: ReadonlyMap<string, number>): readonly object[] {
  return [
    ingress('paths', 'paths.test', [
      ['/', 'Prefix', 'root'],
      ['/aaa', 'Prefix', 'short'],
      ['/aaa/bbb', 'Prefix', 'long'],
      ['/aaa/bbb', 'Exact', 'exact'],
      ['/dir/', 'Prefix', 'slash'],
      ['/impl', 'ImplementationSpecific', 'impl'],
      ['/grün', 'Prefix', 'utf8'],
      ['/empty', 'Prefix', 'empty'],
      ['/gone', 'Prefix', 'no-such-service'],
    ]),
    ingress('wild', '*.wild.test', [['/', 'Prefix', 'wild']]),
    ingress('named', 'named.wild.test', [['/only', 'Prefix', 'exact']]),
    ingress('own-default', 'default.test', [['/only', 'Exact', 'exact']], { defaultBackend: backendOf('fallback') }),
    ingress('secure', 'secure.test', [['/', 'Prefix', 'secure']], {
      tls: [{ hosts: ['secure.test'], secretName: 'secure-tls' }],
    }),
    ingress('secure-wild', '*.stars.test', [['/', 'Prefix', 'wild']], {
      tls: [{ hosts: ['*.stars.test'], secretName: 'stars-tls' }],
    }),
    ingress('below-stars', 'plain.stars.test', [['/', 'Prefix', 'root']]),
    ingress('missing-tls', 'missing.test', [['/', 'Prefix', 'root']], {
      tls: [{ hosts: ['missing.test'], secretName: 'nowhere' }],
    }),
    tls('secure-tls', ['secure.test']),
    tls('stars-tls', ['*.stars.test']),
    ...services.flatMap((name) => [
      { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [{ port: 80 }] } },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        addressType: 'IPv4',
        metadata: { name: `${name}-a`, namespace, labels: { 'kubernetes.io/service-name': name } },
        ports: [{ port: ports.get(name) ?? 1 }],
        endpoints: name === 'empty' ? [] : [{ addresses: ['127.0.0.1'] }],
      },
    ]),
  ]
}
