import { X509Certificate } from 'node:crypto'
import { request } from 'node:http'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { get, openWebSocket, servedCertificate, startLoad } from './clients.js'
import { ingress, secret, service, slice, writeObjects } from './manifests.js'
import { describeMemory, leastOf, readMemory, type Memory } from './memory.js'
import { createProgram, until, type Program } from './program.js'

const INGRESSES = 200
const CHANGES = 1_000
/** `make soak` goes on for so long. */
const SECONDS = Number(process.env['FAIRLEAD_SOAK_SECONDS'] ?? 0)
/** One reading of the memory after so many changes. */
const READ_EVERY = 20

let program: Program
const backends: TestBackend[] = []

beforeAll(async () => {
  program = await createProgram()
  for (const name of ['one', 'two', 'three']) backends.push(await startTestBackend(name))
})

afterAll(async () => {
  await program.remove()
  for (const backend of backends) backend.close()
})

const title = SECONDS === 0 ? '1,000 changes under load' : `changes under load for ${SECONDS} s`
const timeout = 300_000 + SECONDS * 1_000

test(`${title}: no failed request, no broken connection, no reload, no growing memory`, { timeout }, async () => {
  const [one, two] = backends
  if (one === undefined || two === undefined) throw new Error('no backends')
  const leads = new Map<string, TestBackend>()
  for (let index = 0; index < INGRESSES; index++) {
    const name = `app-${index}`
    leads.set(name, one)
    writeObjects(program.manifests, name, [ingress(name, `${name}.test`, name), service(name), slice(name, [one.port])])
  }
  writeTls('first')
  await program.start()
  const generation = program.generation()
  const master = program.nginx()

  // Clients use the hosts that change as well: while a change is under way, either answer is right.
  const hosts = [...leads.keys()]
  let next = 0
  const load = startLoad(program.http, 16, () => {
    next = (next + 7) % hosts.length
    return { host: `${hosts[next]}.test`, body: /^(one|two|three)$/ }
  })
  const socket = await openWebSocket(program.http, 'app-0.test')
  const download = slowDownload(program.http, 'app-1.test', 250)
  const counts = { moved: 0, added: 0, removed: 0, renewed: 0, bad: 0 }

  const memory: Memory[] = []
  const end = Date.now() + SECONDS * 1_000
  let change = 0
  for (; change < CHANGES || Date.now() < end; change++) {
    if (change % READ_EVERY === 0) memory.push(readMemory(program))
    const name = `app-${change % INGRESSES}`
    const kind = change % 5
    if (kind === 0 || kind === 3) {
      const target = leads.get(name) === one ? two : one
      leads.set(name, target)
      writeObjects(program.manifests, name, [
        ingress(name, `${name}.test`, name),
        service(name),
        slice(name, [target.port]),
      ])
      await answersFrom(`${name}.test`, target.name)
      counts.moved++
    } else if (kind === 1) {
      writeObjects(program.manifests, `extra-${change}`, [ingress(`extra-${change}`, `extra-${change}.test`, name)])
      await answersFrom(`extra-${change}.test`, (leads.get(name) ?? one).name)
      counts.added++
    } else if (kind === 2) {
      rmSync(join(program.manifests, `extra-${change - 1}.json`))
      await until(async () => (await get(program.http, `extra-${change - 1}.test`, '/')).status === 404, 2_000)
      counts.removed++
    } else if (change % 10 === 4) {
      const fingerprint = writeTls(String(change))
      await until(async () => (await servedCertificate(program.https, 'secure.test')) === fingerprint, 2_000)
      counts.renewed++
    } else {
      writeFileSync(join(program.manifests, 'bad.yaml'), change % 20 === 9 ? 'kind: [' : 'kind: Ingress\nspec: 7\n')
      counts.bad++
    }
    if (change % 50 === 0) await socket.ping(`message ${change} `)
  }

  const quarter = Math.ceil(memory.length / 4)
  const [first, last] = [leastOf(memory.slice(0, quarter)), leastOf(memory.slice(-quarter))]
  await socket.ping('the last message')
  socket.close()
  expect(await download).toBe(250_000)
  await load.stop()
  process.stdout.write(
    `${change} changes: ${JSON.stringify(counts)}; ${load.count.requests} requests, ${load.count.failed.length} failed\n` +
      `memory in the first quarter of the time: ${describeMemory(first)}; in the last: ${describeMemory(last)}\n`,
  )
  expect(last.controller).toBeLessThan(1.5 * first.controller + 50)
  expect(last.workers).toBeLessThan(1.5 * first.workers + 20)
  expect(load.count.failed).toEqual([])
  expect(load.count.requests).toBeGreaterThan(change)
  expect(program.generation()).toBe(generation)
  expect(program.nginx()).toBe(master)
  expect(program.log()).not.toContain('reload')
})

/** After each change the answer comes from the right backend within 2 s. */
async function answersFrom(host: string, name: string): Promise<void> {
  await until(async () => {
    const { status, body } = await get(program.http, host, '/')
    return status === 200 && body === name
  }, 2_000)
}

function writeTls(serial: string): string {
  const { certificate, key } = createSelfSigned({
    commonName: serial,
    organization: 'test',
    names: ['secure.test'],
    days: 90,
    now: Date.now(),
  })
  const objects = [ingress('secure', 'secure.test', 'app-0', 'secure-tls'), secret('secure-tls', certificate, key)]
  writeObjects(program.manifests, 'secure', objects)
  return new X509Certificate(certificate).fingerprint256
}

function slowDownload(port: number, host: string, chunks: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: `/slow?chunks=${chunks}`, headers: { host }, agent: false },
      (response) => {
        let bytes = 0
        response.on('data', (data: Buffer) => (bytes += data.length))
        response.on('end', () => resolve(bytes))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
