import { createRandom, type Random } from './hostile-requests.js'

/** In every hostile string, so that it is known wherever it turns up. */
export const MARK = 'qZ7jx'

/** Manifests of one cluster, as an attacker would write them; the same for the same seed. */
export function createHostileObjects(seed: number, ingresses: number): readonly object[] {
  const random = createRandom(seed + 1)
  return [
    ingressClass,
    configMap(random),
    ...times(20, (i) => service(random, i)),
    ...times(10, (i) => secret(random, i)),
    ...times(ingresses, (i) => ingress(random, i)),
  ]
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

const pieces = [
  '"',
  "'",
  '`',
  ';',
  '{',
  '}',
  '\n',
  '\r\n',
  '\0',
  '\\',
  '#',
  '$host',
  '${x}',
  '";} server { listen 1; }',
  ']]',
  '--[[',
  '*/',
  '%00',
  '%0d%0a',
  '../..',
  '__proto__',
  'constructor',
  'é',
  '\ud800',
  ' ',
  '\t',
  'on;',
  '_by_lua',
  'load_module /x.so;',
  'include /etc/passwd;',
] as const

/** A few bytes of mischief around the mark. */
function hostile(random: Random): string {
  const piece = (): string => {
    const at = random.below(pieces.length + 4)
    return pieces[at] ?? String.fromCharCode(random.below(0x300))
  }
  return `${piece()}${MARK}${piece()}${piece()}`
}

function oneOf<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[random.below(list.length)] ?? list[0]
}

/** Rarely hostile, since one bad word can make the whole object unreadable and then says nothing of the rest. */
function mostly<T>(random: Random, hostilePercent: number, otherwise: T): T | string {
  return random.below(100) < hostilePercent ? hostile(random) : otherwise
}

const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
}

const keysOfFrame = ['worker-processes', 'worker-shutdown-timeout', 'keep-alive', 'keep-alive-requests'] as const
const keysOfTable = [
  'hsts',
  'hsts-max-age',
  'http-redirect-code',
  'proxy-next-upstream-tries',
  'ssl-redirect',
  'log-format-upstream',
  'http-snippet',
  'main-snippet',
  'ssl-ciphers',
] as const

function configMap(random: Random): object {
  const number = (): string => String(random.below(10 ** (1 + random.below(5))))
  const value = (): string => (random.below(2) === 0 ? number() : `${number()}${hostile(random)}`)
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: {
      ...Object.fromEntries([...keysOfFrame, ...keysOfTable].map((key) => [key, value()])),
      [hostile(random)]: hostile(random),
    },
  }
}

function service(random: Random, index: number): object {
  const name = mostly(random, 10, `app-${index}`)
  const external = random.below(4) === 0
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'test', labels: { [hostile(random)]: hostile(random) } },
    spec: {
      type: external ? 'ExternalName' : 'ClusterIP',
      externalName: external ? mostly(random, 70, 'else.test') : '',
      ports: [{ port: 80, name: mostly(random, 70, 'http'), targetPort: mostly(random, 30, 8080) }],
    },
  }
}

function secret(random: Random, index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: mostly(random, 20, `tls-${index}`), namespace: 'test' },
    stringData: { 'tls.crt': hostile(random), 'tls.key': hostile(random), [hostile(random)]: hostile(random) },
  }
}

function ingress(random: Random, index: number): object {
  const annotations = {
    [`nginx.ingress.kubernetes.io/${mostly(random, 50, 'proxy-body-size')}`]: hostile(random),
    ...(random.below(10) === 0 ? { 'nginx.ingress.kubernetes.io/server-snippet': hostile(random) } : {}),
    ...(random.below(10) === 0 ? { 'kubernetes.io/ingress.class': hostile(random) } : {}),
  }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: mostly(random, 5, `ingress-${index}`),
      namespace: mostly(random, 2, 'test'),
      uid: hostile(random),
      annotations,
      // Of a wrong type now and then.
      ...(random.below(50) === 0 ? { creationTimestamp: hostile(random) } : {}),
    },
    spec: {
      ingressClassName: mostly(random, 3, 'nginx'),
      rules: times(1 + random.below(2), () => ({
        host: mostly(random, 15, oneOf(random, [`h${random.below(200)}.test`, '*.test', ''])),
        http: { paths: times(1 + random.below(3), () => path(random)) },
      })),
      ...(random.below(4) === 0
        ? { tls: [{ hosts: [mostly(random, 50, 'h1.test')], secretName: mostly(random, 50, 'tls-1') }] }
        : {}),
      ...(random.below(20) === 0 ? { defaultBackend: backend(random) } : {}),
    },
  }
}

function path(random: Random): object {
  return {
    path: random.below(3) === 0 ? `/plain/${random.below(9)}` : `/${hostile(random)}`,
    pathType: random.below(50) === 0 ? hostile(random) : oneOf(random, ['Exact', 'Prefix', 'ImplementationSpecific']),
    backend: backend(random),
  }
}

function backend(random: Random): object {
  const name = mostly(random, 20, `app-${random.below(20)}`)
  const port = random.below(5) === 0 ? { name: hostile(random) } : { number: 80 }
  return { service: { name, port } }
}
