import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { AlertsView } from '../../src/observe/alerts/view.js'
import { ask } from '../support/admin-client.js'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program } from './program.js'
import { freePorts } from '../support/ports.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const PATIENCE = 60_000
const KEY = 'the-key-of-the-test'
const SECRET_PATH = '/in/s3cret-of-the-url'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly url: string
  readonly body: string
  readonly told: {
    readonly event: string
    readonly rule: string
    readonly labels: Record<string, string>
    readonly incident: string
  }
}

async function startHook() {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      const told = JSON.parse(body) as Received['told'] // what webhook.ts sends
      received.push({ headers: request.headers, url: request.url ?? '', body, told })
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { received, port, close }
}

/** Asks so seldom that the admin port does not refuse. */
async function come(fact: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 250)))
    if (await fact().catch(() => false)) return
  throw new Error(`it did not come true in ${PATIENCE} ms`)
}

function run(...words: readonly string[]): Promise<{ readonly out: string; readonly code: number | null }> {
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let out = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (out += bytes.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ out, code })))
}

/** Answers 502 for as long as it is not called off: nobody listens where the endpoint of `down.test` is. */
function keepAsking({ http }: Program): () => Promise<void> {
  let isWanted = true
  const asking = (async () => {
    while (isWanted) {
      await get(http, 'down.test', '/red').catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })()
  return async () => {
    isWanted = false
    await asking
  }
}

test('real traffic makes an alert fire; it is told once, also across kill -9, and its end is told (ack.md section 6)', {
  timeout: 240_000,
}, async () => {
  const program = await createProgram()
  const hook = await startHook()
  const backend = await startTestBackend('up')
  const [admin = 0, nobody = 0] = await freePorts(2)
  const rules = join(program.folder, 'alerts.yaml')
  writeFileSync(join(program.folder, 'key'), `${KEY}\n`)
  const channels = `channels:
  - { name: hook, webhook: { url: "http://127.0.0.1:${hook.port}${SECRET_PATH}", secretFile: key } }
  - { name: dead, webhook: { url: "http://127.0.0.1:${nobody}/" } }
`
  const errors =
    '  - { name: errors, preset: server-errors, window: 10s, every: 5s, by: service, labels: { team: shop } }\n'
  const silenced = '  - { name: quiet, preset: server-errors, window: 10s, every: 5s, severity: report }\n'
  const silences = 'silences: [{ match: { rule: quiet }, until: "2100-01-01T00:00:00Z" }]\n'
  writeFileSync(rules, `${channels}rules:\n${errors}${silenced}${silences}`)
  writeObjects(program.manifests, 'app', [
    ingress('app', 'app.test', 'app'),
    service('app'),
    slice('app', [backend.port]),
    ingress('down', 'down.test', 'down'),
    service('down'),
    slice('down', [nobody]),
  ])
  const flags = ['--admin-port', String(admin), '--alert-rules', rules]
  const view = async (): Promise<AlertsView> => {
    const token = readFileSync(join(program.state, 'private', 'admin.token'), 'utf8').trim()
    const { body } = await ask(admin, '/api/alerts', { headers: { authorization: `Bearer ${token}` } })
    return JSON.parse(body) as AlertsView // what the API answers
  }
  const stateOf = async (name: string) => (await view()).rules.find((rule) => rule.name === name)?.state
  const told = (): readonly string[] => hook.received.map(({ told: { event, rule } }) => `${event} ${rule}`)

  let stopAsking = async (): Promise<void> => undefined
  try {
    await program.start(undefined, flags)
    stopAsking = keepAsking(program)
    await come(() => Promise.resolve(hook.received.length > 0))
    const [first] = hook.received
    expect(first?.told).toMatchObject({
      event: 'firing',
      rule: 'errors',
      labels: { team: 'shop', service: 'test-down-80' },
    })
    expect(first?.url).toBe(SECRET_PATH)
    const timestamp = String(first?.headers['fairlead-timestamp'])
    const signature = createHmac('sha256', KEY).update(`${timestamp}.${first?.body}`).digest('hex')
    expect(first?.headers['fairlead-signature']).toBe(`v1=${signature}`)
    await come(async () => (await stateOf('quiet')) === 'firing')
    await come(async () => (await view()).channels[0]?.sent === 1)

    program.controller().kill('SIGKILL')
    await new Promise((resolve) => program.controller().once('exit', resolve))
    const killed = Date.now()
    await program.start(undefined, flags)
    await come(async () => {
      const rule = (await view()).rules.find(({ name }) => name === 'errors')
      return rule?.state === 'firing' && (rule.lastLook ?? 0) > killed + 6_000
    })
    expect(told()).toEqual(['firing errors'])

    // The file is followed: a rule that cannot be read hurts nobody else.
    writeFileSync(rules, `${channels}rules:\n${errors}${silenced}  - { name: bad, preset: none }\n${silences}`)
    await come(async () => (await view()).problems.length === 1)
    const listed = await run(
      'alerts',
      '--admin',
      `http://127.0.0.1:${admin}`,
      '--admin-token-file',
      join(program.state, 'private', 'admin.token'),
    )
    expect(listed.code).toBe(1)
    for (const part of [
      /firing +errors \[high\] since .*serverErrorShare above 1 % by service \(last 10s\)/,
      /firing since .*: service=test-down-80 is 100 %/,
      /left out: rule "bad", rules\[2\]\.preset \(line 7\): preset has to be one of/,
      /silence in force, until 2100-01-01T00:00:00Z: rule=quiet/,
      /channel dead \(http:\/\/127\.0\.0\.1:\d+\): 0 sent, \d failed, 0 dropped, 1 waiting: .*ECONNREFUSED/,
    ])
      expect(listed.out).toMatch(part)
    const metrics = await (await fetch(`http://127.0.0.1:${program.health}/metrics`)).text()
    expect(metrics).toContain('fairlead_alerts_firing{rule="errors",severity="high"} 1\n')

    await stopAsking()
    await come(() => Promise.resolve(hook.received.length > 1))
    expect(told()).toEqual(['firing errors', 'resolved errors'])
    expect(hook.received[1]?.told.incident).toBe(first?.told.incident)
    await come(async () => (await stateOf('quiet')) === 'resolved')
    expect(told()).toHaveLength(2)

    // Traffic was never in the way of it, nor it in that of traffic.
    expect((await get(program.http, 'app.test', '/')).status).toBe(200)
    const all = [
      program.log(),
      JSON.stringify(await view()),
      listed.out,
      readFileSync(join(program.state, 'private', 'alerts.json'), 'utf8'),
    ]
    for (const text of all) for (const secret of [KEY, 's3cret-of-the-url']) expect(text).not.toContain(secret)

    const tried = await run('alerts', 'test', rules)
    expect([tried.code, told().slice(2)]).toEqual([1, ['test test']])
    expect(tried.out).toMatch(/hook \(http:\/\/127\.0\.0\.1:\d+\): taken\ndead \(.*\): not taken: .*ECONNREFUSED/)
  } finally {
    await stopAsking()
    await program.remove()
    backend.close()
    hook.close()
  }
})

test('a file of rules is checked in the terminal', async () => {
  const program = await createProgram()
  try {
    const file = join(program.folder, 'alerts.yaml')
    writeFileSync(
      file,
      'rules:\n  - { name: good, preset: latency }\n  - { name: bad, preset: latency, above: soon }\n',
    )
    const { out, code } = await run('alerts', 'check', file)
    expect(code).toBe(1)
    expect(out).toContain(`${file}:3: error rule "bad" rules[1].above\n  above has to be a time such as 500ms`)
    expect(out).toContain(
      'rule     good: latencyAverage above 200 ms (last 2m)\n1 rules, 0 channels, 0 silences, 1 problems\n',
    )
    const example = await run(
      'alerts',
      'check',
      fileURLToPath(new URL('../../examples/alerts/alerts.yaml', import.meta.url)),
    )
    expect(example.code).toBe(0)
    expect((await run('alerts', 'check', join(program.folder, 'nowhere'))).code).toBe(2)
    expect((await run('alerts', 'test', file)).code).toBe(2)
  } finally {
    await program.remove()
  }
})
