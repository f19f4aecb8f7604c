import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { annotated, ingress, secret, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'

/** A Fairlead with hosts of each kind that a flood may be after, and their backend. */
export interface World {
  readonly program: Program
  /** Requests that came through to the backend so far. */
  reached(): number
  remove(): Promise<void>
}

/** Seconds after which NGINX gives up a client that sends nothing, in place of its 60. */
export const CLIENT_SECONDS = 3

/** Connections of one worker, of clients and to backends, in place of its 16,384. */
export const WORKER_CONNECTIONS = 4096

/** bcrypt of cost 4; the password is `secret`. With a higher one some of those who wait do so for the whole ten seconds. */
const HASH = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'

export async function startWorld(): Promise<World> {
  let requests = 0
  const backend = createServer((incoming, outgoing) => {
    requests++
    incoming.on('error', () => undefined)
    incoming.resume().on('end', () => outgoing.end('here'))
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const program = await createProgram()
  const { certificate, key } = createSelfSigned({
    commonName: 'floods',
    organization: 'test',
    names: ['*.test'],
    days: 1,
    now: Date.now(),
  })
  const { port } = backend.address() as AddressInfo // it listens on a port
  writeObjects(program.manifests, 'all', [
    ingress('app', 'app.test', 'app'),
    ingress('secure', 'secure.test', 'app', 'tls'),
    annotated('login', 'login.test', 'app', { 'auth-type': 'basic', 'auth-secret': 'users' }),
    annotated('digest', 'digest.test', 'app', { 'auth-type': 'digest', 'auth-secret': 'digests' }),
    annotated('limited', 'limited.test', 'app', { 'limit-rps': '5', 'limit-connections': '5' }),
    annotated('sticky', 'sticky.test', 'app', { affinity: 'cookie' }),
    service('app'),
    slice('app', [port]),
    secret('tls', certificate, key),
    opaque('users', `ann:${HASH}`),
    opaque('digests', 'ann:realm:0123456789abcdef0123456789abcdef'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      data: {
        'worker-processes': '2',
        'max-worker-connections': String(WORKER_CONNECTIONS),
        'client-header-timeout': String(CLIENT_SECONDS),
        'client-body-timeout': String(CLIENT_SECONDS),
        // So that one machine can be many clients.
        'use-forwarded-headers': 'true',
        // What is left of a flood goes soon.
        'upstream-keepalive-timeout': '1',
      },
    },
  ])
  // So that also what is counted of requests is under attack.
  await program.start(undefined, ['--enable-metrics', '--metrics-per-undefined-host'])
  return {
    program,
    reached: () => requests,
    async remove() {
      await program.remove()
      close(backend)
    },
  }
}

function opaque(name: string, auth: string): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'test' }, stringData: { auth } }
}

function close(server: Server): void {
  server.close()
  server.closeAllConnections()
}

/** A worker of NGINX as the system sees it. */
export interface WorkerState {
  readonly pid: number
  /** Memory of its own in MB: not what it shares with the others, which has the size that the frame says. */
  readonly own: number
  /** Shared memory that it has touched, in MB. */
  readonly shared: number
  readonly files: number
}

export function readWorkers({ program }: World): readonly WorkerState[] {
  const master = program.nginx()
  const pids = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').map(Number)
  return pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const megabytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
    return {
      pid,
      own: megabytes('RssAnon'),
      shared: megabytes('RssShmem'),
      files: readdirSync(`/proc/${pid}/fd`).length,
    }
  })
}

export function errorLogBytes({ program }: World): number {
  return statSync(join(program.state, 'log', 'error.log')).size
}

/** Free and all bytes of the shared dictionaries, as NGINX tells them to its controller. */
export async function readDictionaries({
  program,
}: World): Promise<Readonly<Record<string, { readonly free: number; readonly capacity: number }>>> {
  const text = await ask(connect(join(program.state, 'private', 'control.sock')), '/v1/status')
  const { dictionaries } = JSON.parse(text) as { dictionaries: Awaited<ReturnType<typeof readDictionaries>> } // edge/control.ts
  return dictionaries
}

function ask(socket: Socket, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`)
    socket.on('data', (bytes) => (received += bytes.toString()))
    socket.on('error', reject)
    socket.on('close', () => resolve(received.slice(received.indexOf('\r\n\r\n') + 4)))
  })
}
