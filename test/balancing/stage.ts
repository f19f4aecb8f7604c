import { createServer, request, type Server } from 'node:http'
import { request as requestTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Engine } from '../../src/apply/engine/engine.js'
import { mainConfigMap, writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'
import { freePorts } from '../support/ports.js'

/** What a client got. */
export interface Reply {
  readonly status: number
  /** The port of the endpoint that answered; 0 where none did. */
  readonly endpoint: number
  readonly setCookie: readonly string[]
}

/** A running program with endpoints that answer with their port. */
export interface Stage {
  readonly program: Program
  /** In the order of their text, as in the upstream. */
  readonly ports: readonly number[]
  /** Ports on which nobody listens. */
  readonly dead: readonly number[]
  /** Seconds that an endpoint takes to answer. */
  readonly delays: Map<number, number>
  write(name: string, objects: readonly object[]): void
  /** Writes the main ConfigMap. */
  configure(data: Readonly<Record<string, string>>): void
  get(host: string, path?: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
  getTls(host: string, path?: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
  end(): Promise<void>
}

export async function createStage(): Promise<Stage> {
  const program = await createProgram()
  const delays = new Map<number, number>()
  const servers = await Promise.all([1, 2, 3].map(() => startEndpoint(delays)))
  const dead = await freePorts(2)
  const configure: Stage['configure'] = (data) => {
    const all = { 'worker-processes': '1', ...data }
    writeObjects(program.manifests, 'config', [mainConfigMap(all)])
  }
  configure({})
  return {
    program,
    ports: servers.map(portOf).toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    dead,
    delays,
    configure,
    write: (name, objects) => writeObjects(program.manifests, name, objects),
    get: (host, path = '/', headers = {}) => ask(request, program.http, host, path, headers),
    getTls: (host, path = '/', headers = {}) => ask(requestTls, program.https, host, path, headers),
    async end() {
      await program.remove()
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }

  function ask(
    send: typeof request,
    port: number,
    host: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path, headers: { host, ...headers }, agent: false as const }
      const asked = send({ ...options, ...(send === requestTls ? { rejectUnauthorized: false } : {}) })
      asked.on('response', (response) => {
        let body = ''
        response.on('data', (bytes: Buffer) => (body += bytes.toString()))
        response.on('error', reject)
        response.on('end', () => {
          const setCookie = response.headers['set-cookie'] ?? []
          resolve({ status: response.statusCode ?? 0, endpoint: Number.parseInt(body) || 0, setCookie })
        })
      })
      asked.on('error', reject)
      asked.end()
    })
  }
}

/** Starts the program; the manifests that it begins with are there. */
export function startStage({ program }: Stage, engine: Engine): Promise<void> {
  return program.start(undefined, ['--nginx', engine.binary.replace(/\/usr\/sbin\/nginx$/, '')])
}

async function startEndpoint(delays: ReadonlyMap<number, number>): Promise<Server> {
  const server = createServer((asked, response) => {
    const own = asked.url === '/own-cookies' ? { 'set-cookie': ['own=1', 'other=2'] } : {}
    setTimeout(
      () => {
        response.writeHead(200, own)
        response.end(String(portOf(server)))
      },
      1000 * (delays.get(portOf(server)) ?? 0),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // it listens on TCP
}

const PREFIX = 'nginx.ingress.kubernetes.io'

interface PathOptions {
  /** Name of the Service; without it the first label of the host. */
  readonly service?: string
  readonly path?: string
  readonly port?: number
}

/** An Ingress for a path of a host, `/` if none is given. */
export function ingress(
  host: string,
  annotations: Readonly<Record<string, string>>,
  { service: named = host.split('.')[0] ?? '', path = '/', port = 80 }: PathOptions = {},
): object {
  const paths = [{ path, pathType: 'Prefix', backend: { service: { name: named, port: { number: port } } } }]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: `${named}-${path.replaceAll(/[^a-z]/g, '')}x`,
      namespace: 'test',
      annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value])),
    },
    spec: { ingressClassName: 'nginx', rules: [{ host, http: { paths } }] },
  }
}

/** A Service with an endpoint for each port. */
export function service(name: string, ports: readonly number[], spec: object = {}): readonly object[] {
  const slices = ports.map((port) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { name: `${name}-${port}`, namespace: 'test', labels: { 'kubernetes.io/service-name': name } },
    ports: [{ port }],
    endpoints: [{ addresses: ['127.0.0.1'] }],
  }))
  const own = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'test' } }
  return [{ ...own, spec: { ports: [{ port: 80 }], ...spec } }, ...slices]
}
