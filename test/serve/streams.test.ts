import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { listen } from './listen.js'
import { writeObjects } from './manifests.js'
import { createProgram, isAlive, type Program, until } from './program.js'
import { freePorts } from '../support/ports.js'

const PATIENCE = 30_000
const namespace = 'test'

describe.each(await enginesForTests())('TCP and UDP services through NGINX $version', (engine) => {
  let program: Program
  let ends: (() => void)[] = []
  const backends: Record<string, number> = {}
  /** Ports of NGINX. */
  let ports: readonly number[] = []
  const port = (at: number): number => ports[at] ?? 0

  const flags = [
    '--tcp-services-configmap',
    'test/tcp',
    '--udp-services-configmap',
    'test/udp',
    '--nginx',
    engine.binary,
  ]
  const tcp = (entries: Readonly<Record<number | string, string>>): void =>
    writeObjects(program.manifests, 'tcp', [configMap('tcp', entries)])
  const endpoints = (name: string, protocol: 'TCP' | 'UDP', numbers: readonly number[]): void =>
    writeObjects(program.manifests, `slices-${name}`, slicesOf(name, protocol, numbers))
  const standard = (): Readonly<Record<string, string>> => ({
    [port(0)]: 'test/echo:5432',
    [port(1)]: 'test/echo:named:PROXY:PROXY',
  })

  beforeAll(async () => {
    for (const name of ['one', 'two']) {
      const server = startEcho(name)
      backends[name] = await listen(server)
      ends.push(() => server.close())
    }
    const datagrams = createSocket('udp4')
    datagrams.on('message', (message, from) => datagrams.send(`seen ${message.toString()}`, from.port, from.address))
    await new Promise<void>((resolve) => datagrams.bind(0, '127.0.0.1', resolve))
    backends['udp'] = datagrams.address().port
    ends.push(() => datagrams.close())
    ports = await freePorts(5)
    program = await createProgram()
    writeObjects(program.manifests, 'services', [
      serviceOf('echo', { name: 'named', port: 5432 }),
      serviceOf('udp', { name: 'dns', port: 53, protocol: 'UDP' }),
    ])
    endpoints('echo', 'TCP', [of('one'), of('two')])
    endpoints('udp', 'UDP', [of('udp')])
    tcp(standard())
    writeObjects(program.manifests, 'udp', [configMap('udp', { [port(2)]: 'test/udp:53' })])
    await program.start(undefined, flags)
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    for (const end of ends) end()
    ends = []
  })

  const of = (name: string): number => backends[name] ?? 0
  const ask = (at: number, text = 'hello'): Promise<string> => askTcp(port(at), text)
  const becomes = (at: number, answer: string): Promise<void> =>
    until(async () => (await ask(at).catch((cause: unknown) => String(cause))) === answer, PATIENCE)

  test('L4-1 L4-4: endpoints have turns', async () => {
    const answers = new Set<string>()
    for (let i = 0; i < 40; i++) answers.add(await ask(0))
    expect([...answers].sort()).toEqual(['one hello', 'two hello'])
  })

  test('L4-2: the address of a PROXY header goes on to the endpoint; without one nobody comes in', async () => {
    expect(await ask(1, 'PROXY TCP4 192.0.2.9 192.0.2.1 1234 443\r\nhello')).toMatch(
      /^(one|two) PROXY TCP4 192\.0\.2\.9 \S+ 1234 \d+\r\nhello$/,
    )
    expect(await ask(1)).toBe('')
  })

  test('L4-1: UDP', async () => {
    expect(await askUdp(port(2), 'ping')).toBe('seen ping')
  })

  test('LOGF-5: a line for each connection', async () => {
    await ask(0, 'logged')
    const line = /^\[127\.0\.0\.1\] \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] TCP 200 10 6 \d+\.\d{3}$/m
    const log = join(program.state, 'log', 'stream.log')
    await until(() => Promise.resolve(line.test(readFileSync(log, 'utf8'))), PATIENCE)
  })

  test('L4-4: a connection that an endpoint does not take goes to another', async () => {
    // Nobody listens on the other two.
    writeObjects(program.manifests, 'slices-echo', [
      slice('echo', 'TCP', of('two'), ['127.0.0.1', '127.9.9.9', '127.9.9.8']),
    ])
    await until(async () => {
      for (let i = 0; i < 15; i++) if ((await ask(0)) !== 'two hello') return false
      return true
    }, PATIENCE)
    for (let i = 0; i < 15; i++) expect(await ask(0)).toBe('two hello')
  })

  test('L4-5, and better: endpoints come and go without a reload, to none and back', async () => {
    const generation = program.generation()
    endpoints('echo', 'TCP', [of('one')])
    await becomes(0, 'one hello')
    endpoints('echo', 'TCP', [])
    await becomes(0, '')
    endpoints('echo', 'TCP', [of('two')])
    await becomes(0, 'two hello')
    expect(program.generation()).toBe(generation)
  })

  test('L4-5, and better: another Service for a port is no reload; a port that comes or goes is one', async () => {
    const generation = program.generation()
    writeObjects(program.manifests, 'other', [
      serviceOf('other', { name: 'x', port: 1 }),
      ...slicesOf('other', 'TCP', [of('one')]),
    ])
    tcp({ ...standard(), [port(0)]: 'test/other:x' })
    await becomes(0, 'one hello')
    expect(program.generation()).toBe(generation)
    tcp({ ...standard(), [port(3)]: 'test/other:1' })
    await becomes(3, 'one hello')
    await becomes(0, 'two hello')
    await until(() => Promise.resolve(program.generation() === generation + 1), PATIENCE)
    tcp(standard())
    await until(
      () =>
        ask(3).then(
          () => false,
          () => true,
        ),
      PATIENCE,
    )
    expect(await ask(0)).toBe('two hello')
  })

  test('L4-3: what cannot be served hurts itself only, and is said', async () => {
    const taken = createServer().listen(port(4), '0.0.0.0')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { http } = program
    const written = program.log().length
    tcp({
      ...standard(),
      [port(3)]: 'test/echo:5432',
      word: 'test/echo:5432',
      [http]: 'test/echo:5432',
      [port(4)]: 'test/echo:5432',
      '7': 'test/echo',
      '8': 'test/nothing:1',
      '9': 'test/udp:53',
    })
    await becomes(3, 'two hello')
    expect(await ask(0)).toBe('two hello')
    const said = (): string => program.log().slice(written)
    for (const [key, what] of [
      ['word', '"word" is not a port'],
      [http, `Port ${http} is that of --http-port`],
      [port(4), 'another process has it'],
      ['7', 'is not NAMESPACE/SERVICE:PORT'],
      ['8', 'There is no Service test/nothing'],
      ['9', 'for UDP, not for TCP'],
    ] as const)
      await until(() => Promise.resolve(said().includes(`data["${key}"]`) && said().includes(what)), PATIENCE)
    await new Promise((resolve) => taken.close(resolve))
    await becomes(4, 'two hello')
    tcp(standard())
    await until(
      () =>
        ask(4).then(
          () => false,
          () => true,
        ),
      PATIENCE,
    )
  })

  test('after the controller was killed another one takes over, with what changed meanwhile', async () => {
    const nginx = program.nginx()
    await kill(program.controller().pid ?? 0)
    expect(await ask(0)).toBe('two hello')
    endpoints('echo', 'TCP', [of('one')])
    await program.start(undefined, flags)
    await becomes(0, 'one hello')
    expect(program.nginx()).toBe(nginx)
    expect(await askUdp(port(2), 'ping')).toBe('seen ping')
  })

  test('an NGINX that is started again has its services at once, with a controller and without', async () => {
    const first = program.nginx()
    await kill(first)
    await until(() => Promise.resolve(program.nginx() !== first && isAlive(program.nginx())), PATIENCE)
    await becomes(0, 'one hello')
    endpoints('echo', 'TCP', [of('two')])
    await becomes(0, 'two hello')
    await kill(program.controller().pid ?? 0)
    const second = program.nginx()
    process.kill(second, 'SIGQUIT')
    await until(() => Promise.resolve(!isAlive(second)), PATIENCE)
    const [command = '', ...fixed] = engine.command
    const args = ['-p', program.state, '-e', join(program.state, 'log', 'error.log')]
    const frame = join(program.state, 'private', 'nginx.conf')
    const alone = spawn(command, [...fixed, ...args, '-c', frame], { stdio: 'ignore', cwd: program.state })
    ends.push(() => alone.kill('SIGTERM'))
    await becomes(0, 'two hello')
    expect(await askUdp(port(2), 'ping')).toBe('seen ping')
  })
})

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await until(() => Promise.resolve(!isAlive(pid)), PATIENCE)
}

/** Answers the first bytes with its name and what it got, and closes. */
function startEcho(name: string): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (data) => socket.end(`${name} ${data.toString('latin1')}`))
  })
}

/** All that the other side says; an error if it does not take the connection. */
function askTcp(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let isConnected = false
    socket.once('connect', () => (isConnected = true))
    socket.on('data', (data) => (answer += data.toString('latin1')))
    socket.on('error', (cause) => (isConnected ? resolve(answer) : reject(cause)))
    socket.on('close', () => resolve(answer))
  })
}

/** A datagram may be lost: asked again until there is an answer. */
function askUdp(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    const send = (): void => socket.send(text, port, '127.0.0.1')
    const again = setInterval(send, 500)
    const end = (): void => {
      clearInterval(again)
      clearTimeout(deadline)
      socket.close()
    }
    const deadline = setTimeout(() => {
      end()
      reject(new Error('no answer'))
    }, PATIENCE)
    socket.once('message', (message) => {
      end()
      resolve(message.toString())
    })
    socket.on('error', () => undefined)
    send()
  })
}

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}

function serviceOf(name: string, port: Readonly<Record<string, unknown>>): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [port] } }
}

/** A slice has one number per port. */
function slicesOf(name: string, protocol: 'TCP' | 'UDP', numbers: readonly number[]): readonly object[] {
  return numbers.length === 0
    ? [slice(name, protocol, 1, [])]
    : numbers.map((number) => slice(name, protocol, number, ['127.0.0.1']))
}

function slice(name: string, protocol: 'TCP' | 'UDP', port: number, addresses: readonly string[]): object {
  const labels = { 'kubernetes.io/service-name': name }
  const names: Readonly<Record<string, string>> = { echo: 'named', udp: 'dns', other: 'x' }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { name: `${name}-${port}`, namespace, labels },
    ports: [{ name: names[name] ?? '', port, protocol }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  }
}
