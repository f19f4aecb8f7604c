import type { Goal } from './figure.js'
import type { KubernetesObject, TableChoices } from './manifests.js'

/** A proxy that is measured. Another row of the bench is another of these, and a ratio that names it. */
export interface Variant {
  readonly id: string
  readonly label: string
  readonly engine: 'plain' | 'fairlead'
  /** Hosts in its configuration or table. */
  readonly hosts: number
  /** Annotations of every Ingress; Fairlead only. */
  /** `BACKEND` in a value is an address and port at which the backends answer 200 to everything. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Path of every Ingress, by default `/`; Fairlead only. */
  readonly path?: string
  /** Objects beside those of the hosts; Fairlead only. */
  readonly more?: (choices: TableChoices) => readonly KubernetesObject[]
  /** true: the backend does not get the same bytes as from the others. */
  readonly changesRequest?: true
  /** What every request to it carries. */
  readonly headers?: Readonly<Record<string, string>>
  /** More keys of the main ConfigMap; Fairlead only. */
  readonly configMap?: Readonly<Record<string, string>>
  /** More flags of `serve`; Fairlead only. */
  readonly flags?: readonly string[]
  /** Each host has a certificate of its own; absent: all share one. */
  readonly certificates?: 'each'
}

/** What sends requests: `processes` of them at a time, each with its own share of the drawn hosts. */
export type Generator =
  | {
      /** Closed loop: a connection asks again as soon as it has its answer. */
      readonly tool: 'wrk'
      readonly processes: number
      /** Of each process. */
      readonly connections: number
      /** A new connection for each request; wrk resumes the TLS session. */
      readonly close: boolean
    }
  | {
      readonly tool: 'h2load'
      readonly protocol: 'h1' | 'h2'
      readonly processes: number
      readonly connections: number
      /** Requests under way on each connection. */
      readonly streams: number
      /** Requests per second, all processes together; absent: closed loop. */
      readonly rate?: number
      /** Ends after so many of each process, instead of after a time. */
      readonly requests?: number
    }
  | {
      /** h2load with one request for each connection and a full TLS handshake. */
      readonly tool: 'h2load-connections'
      readonly processes: number
      /** New connections per second, all processes together. */
      readonly rate: number
    }
  | {
      /** Closed loop over TLS, with a client certificate. */
      readonly tool: 'tls-clients'
      readonly processes: number
      /** Of each process. */
      readonly connections: number
    }

/** One way of asking, for all variants. */
export interface Workload {
  readonly id: string
  readonly label: string
  readonly scheme: 'http' | 'https'
  /** What is looked at: CPU time of the worker per request, or how long answers take. */
  readonly looksAt: 'cpu' | 'latency'
  /**
   * Tables of all sizes; one host whose route uses a family of annotations; tables with a certificate for each host;
   * hosts with and without client certificates.
   */
  readonly compares: 'sizes' | 'features' | 'certificates' | 'clients'
  readonly generator: Generator
  /** So many times the usual number of rounds: where the goals are near, the median has to be too. */
  readonly weight?: number
}

/** A quotient of two variants under the same workload. */
export interface Ratio {
  readonly id: string
  readonly what: string
  readonly over: string
  readonly under: string
  readonly goal?: Goal
}

export const workloads: readonly Workload[] = [
  {
    id: 'http',
    label: 'HTTP/1.1, kept connections',
    scheme: 'http',
    looksAt: 'cpu',
    compares: 'sizes',
    generator: { tool: 'wrk', processes: 1, connections: 64, close: false },
    weight: 3,
  },
  {
    id: 'https',
    label: 'HTTPS, HTTP/1.1, kept connections',
    scheme: 'https',
    looksAt: 'cpu',
    compares: 'sizes',
    generator: { tool: 'wrk', processes: 4, connections: 16, close: false },
    weight: 3,
  },
  {
    id: 'https-new',
    label: 'HTTPS, a new connection for each request, full handshake',
    scheme: 'https',
    looksAt: 'cpu',
    compares: 'sizes',
    generator: { tool: 'h2load-connections', processes: 4, rate: 1000 },
    weight: 2,
  },
  {
    id: 'https-resumed',
    label: 'HTTPS, a new connection for each request, resumed session',
    scheme: 'https',
    looksAt: 'cpu',
    compares: 'sizes',
    generator: { tool: 'wrk', processes: 4, connections: 8, close: true },
    weight: 2,
  },
  {
    id: 'h2',
    label: 'HTTPS, HTTP/2, kept connections',
    scheme: 'https',
    looksAt: 'cpu',
    compares: 'sizes',
    generator: { tool: 'h2load', protocol: 'h2', processes: 8, connections: 2, streams: 4 },
  },
  {
    id: 'features',
    label: 'features of a route, HTTP/1.1, kept connections',
    scheme: 'http',
    looksAt: 'cpu',
    compares: 'features',
    generator: { tool: 'wrk', processes: 1, connections: 64, close: false },
  },
  {
    id: 'certificates',
    label: 'HTTPS, a new connection for each request, each host with a certificate of its own',
    scheme: 'https',
    looksAt: 'cpu',
    compares: 'certificates',
    generator: { tool: 'h2load-connections', processes: 4, rate: 1000 },
  },
  {
    id: 'clients',
    label: 'HTTPS, kept connections of clients that have a certificate',
    scheme: 'https',
    looksAt: 'cpu',
    compares: 'clients',
    generator: { tool: 'tls-clients', processes: 1, connections: 32 },
  },
  {
    id: 'latency-http',
    label: 'HTTP/1.1, kept connections, 4,000 requests per second',
    scheme: 'http',
    looksAt: 'latency',
    compares: 'sizes',
    generator: { tool: 'h2load', protocol: 'h1', processes: 4, connections: 8, streams: 1, rate: 4000 },
  },
  {
    id: 'latency-https',
    label: 'HTTPS, HTTP/1.1, kept connections, 4,000 requests per second',
    scheme: 'https',
    looksAt: 'latency',
    compares: 'sizes',
    generator: { tool: 'h2load', protocol: 'h1', processes: 4, connections: 8, streams: 1, rate: 4000 },
  },
]

/**
 * What goes before every measurement of a workload whose processes ask one host each, another one in each round: the
 * same hosts are asked until their pools are filled, over more connections than are needed later: when others have the
 * core of the generator for a moment, what it owes by its rate comes at once. undefined where every round asks all
 * hosts, and pools stay filled.
 */
export function warmUpOf({ id, label, looksAt, compares, generator }: Workload): Workload | undefined {
  if (generator.tool === 'wrk' || generator.tool === 'tls-clients') return undefined
  const { processes } = generator
  const ask = { tool: 'h2load', protocol: 'h1', processes, connections: 48, streams: 1, requests: 480 } as const
  return { id: `${id}-warm-up`, label, scheme: 'http', looksAt, compares, generator: ask }
}

/** The host count that the goals of the issue speak of. */
const LARGE = 10_000

/**
 * Plain NGINX with one server twice, so that the difference of a thing to itself is seen; then each size, plain and
 * Fairlead.
 */
export function variantsFor(sizes: readonly number[]): readonly Variant[] {
  const larger = sizes.filter((hosts) => hosts > 1)
  return [
    { id: 'plain-1', label: 'plain NGINX, 1 server', engine: 'plain', hosts: 1 },
    { id: 'plain-1-again', label: 'the same once more', engine: 'plain', hosts: 1 },
    ...larger.map((hosts): Variant => {
      return { id: `plain-${hosts}`, label: `plain NGINX, ${count(hosts)} servers`, engine: 'plain', hosts }
    }),
    ...sizes.map((hosts): Variant => {
      const label = hosts === 1 ? 'Fairlead, 1 host' : `Fairlead, ${count(hosts)} hosts`
      return { id: `fairlead-${hosts}`, label, engine: 'fairlead', hosts }
    }),
  ]
}

/** The quotients that are wanted, as far as both their sides are measured. */
export function ratiosFor(variants: readonly Variant[]): readonly Ratio[] {
  const known = new Set(variants.map(({ id }) => id))
  const sizes = variants.filter(({ engine, hosts }) => engine === 'fairlead' && hosts > 1).map(({ hosts }) => hosts)
  const all: readonly Ratio[] = [
    { id: 'noise', what: 'plain NGINX, 1 server, against itself (noise)', over: 'plain-1-again', under: 'plain-1' },
    {
      id: 'one-host',
      what: 'Fairlead, 1 host, against plain NGINX, 1 server',
      over: 'fairlead-1',
      under: 'plain-1',
      goal: { atMost: 1.35, aim: 1.15 },
    },
    ...sizes.flatMap((hosts): readonly Ratio[] => [
      {
        id: `against-plain-${hosts}`,
        what: `Fairlead, ${count(hosts)} hosts, against plain NGINX, ${count(hosts)} servers`,
        over: `fairlead-${hosts}`,
        under: `plain-${hosts}`,
        ...(hosts === LARGE ? { goal: { atMost: 1, aim: 0.75 } } : {}),
      },
      {
        id: `growth-${hosts}`,
        what: `Fairlead, ${count(hosts)} hosts, against Fairlead, 1 host`,
        over: `fairlead-${hosts}`,
        under: 'fairlead-1',
        ...(hosts === LARGE ? { goal: { atMost: 1.3, aim: 1.1 } } : {}),
      },
      {
        id: `plain-growth-${hosts}`,
        what: `plain NGINX, ${count(hosts)} servers, against plain NGINX, 1 server`,
        over: `plain-${hosts}`,
        under: 'plain-1',
      },
    ]),
  ]
  return all.filter(({ over, under }) => known.has(over) && known.has(under))
}

/** Parts that are not workloads, in the order in which they run. */
export const parts = [
  { id: 'start', label: 'cold start with the largest table until ready, from YAML and from JSON' },
  { id: 'changes', label: 'memory with the largest table; from saving one changed Ingress to the first right answer' },
  { id: 'push', label: 'a push of one host, and of all hosts of the largest table' },
  { id: 'reloads', label: 'reloads over many changes of routes, endpoints and certificates' },
  { id: 'floods', label: 'how long others wait while strangers flood, side by side with plain NGINX' },
  { id: 'logs', label: 'import of an access log, questions to its lines, and lines that come at 20,000 a second' },
  { id: 'profiles', label: 'locations that a realistic mix of annotations needs in the frame' },
] as const

export type PartId = (typeof parts)[number]['id']

export function count(number: number): string {
  return number.toLocaleString('en-US')
}
