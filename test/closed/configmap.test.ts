import { Agent as HttpAgent, request as requestHttp, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { annotated, mainConfigMap, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { freePort } from '../support/ports.js'
import { startAuthService, type AuthService } from './auth-service.js'
import { annotationsFor, type Guard, guards, NOT_ASKED_HERE, kindOf, meansOpen, strictKeys } from './guards.js'
import { readProblems } from './problems.js'
import { NONSENSE } from './ways.js'

let program: Program
let backend: TestBackend
let refusing: AuthService
let admin = 0

const whole: Readonly<Record<string, string>> = Object.assign({}, ...guards.map(({ data }) => data))

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('protected')
  refusing = await startAuthService(() => false)
  admin = await freePort()
  writeObjects(program.manifests, 'app', [
    service('app'),
    slice('app', [backend.port]),
    ...['free', ...guards.map(({ name }) => name)].map((name) =>
      annotated(name, `${name}.cm.test`, 'app', annotationsFor(name)),
    ),
  ])
  configure(0, whole)
  await program.start(undefined, ['--admin-port', String(admin)])
  await isLive(0)
}, 60_000)

afterAll(async () => {
  agents.http.destroy()
  agents.https.destroy()
  await program?.remove()
  backend?.close()
  refusing?.close()
})

test('every key that is strict keeps somebody out here', () => {
  const tried = [...guards.flatMap(({ breaks }) => breaks), ...NOT_ASKED_HERE]
  expect(strictKeys.filter((key) => !tried.includes(key))).toEqual([])
})

interface Broken {
  readonly guard: Guard
  readonly key: string
  readonly bad: string
}

/** For each guard what is broken in it, one after another; those of different guards do not meet in any Ingress. */
const broken: readonly (readonly Broken[])[] = guards.map((guard) =>
  guard.breaks.flatMap((key) =>
    // test/configmap tries to break out of NGINX's file by each of them.
    NONSENSE.filter((bad) => bad.trim() !== '' && !meansOpen(key, bad)).map((bad) => ({ guard, key, bad })),
  ),
)

test('fail closed: no broken key of the main ConfigMap lets a stranger through, none closes what has nothing to do with it, and each is said', async () => {
  for (const guard of guards) expect(await isOpen(guard), guard.name).toBe(false)
  const wrong: string[] = []
  const steps = Math.max(...broken.map(({ length }) => length))
  for (let step = 0; step < steps; step += 1) {
    const now = broken.flatMap((own) => own[step] ?? [])
    configure(step + 1, Object.assign({}, whole, ...now.map(dataOf)) as Readonly<Record<string, string>>)
    await isLive(step + 1)
    for (const one of now) {
      const { status, body } = await ask(one.guard)
      if (isOfBackend(body)) wrong.push(`${nameOf(one)}: open`)
      else if (cannotBeRead(one) && status !== (one.guard.status ?? 503)) wrong.push(`${nameOf(one)}: ${status}`)
    }
    if (!(await isOpen({ name: 'free' }))) wrong.push(`${now.map(nameOf).join()}: closed what none of them holds for`)
    const unsaid = await whatIsUnsaid(now.filter(cannotBeRead))
    wrong.push(...unsaid.map((one) => `${nameOf(one)}: no problem`))
  }
  console.log(`${broken.flat().length} broken keys in ${steps} steps, ${wrong.length} wrong`)
  expect(wrong).toEqual([])
  // Opened on purpose, each of them is found; a worker of the frame before may still answer.
  configure(steps + 1, { 'use-forwarded-headers': 'true' })
  await isLive(steps + 1)
  for (const guard of guards) await until(() => isOpen(guard), 20_000)
}, 120_000)

async function isOpen(guard: Pick<Guard, 'name' | 'asks'>): Promise<boolean> {
  return isOfBackend((await ask(guard)).body)
}

function isOfBackend(body: string): boolean {
  return body.includes('protected') || body.includes('Active connections')
}

function nameOf({ key, bad }: Broken): string {
  return `${key} ${JSON.stringify(bad.slice(0, 40))}`
}

/** Problems are known a moment after what is served. */
async function whatIsUnsaid(wrong: readonly Broken[]): Promise<readonly Broken[]> {
  let unsaid = wrong
  const isSaid = async (): Promise<boolean> => {
    const said = (await readProblems(program, admin)).get('ConfigMap ingress-nginx/ingress-nginx-controller') ?? []
    unsaid = wrong.filter(({ key }) => !said.some(({ field }) => field === `data["${key}"]`))
    return unsaid.length === 0
  }
  await until(isSaid, 5_000).catch(() => undefined)
  return unsaid
}

function dataOf({ guard: { data, written = (bad) => bad }, key, bad }: Broken): Readonly<Record<string, string>> {
  return { ...data, [key]: written(bad) }
}

function cannotBeRead({ guard: { written = (text) => text }, key, bad }: Broken): boolean {
  return strictKeys.includes(key) && !kindOf(key).parse(written(bad).trim()).ok
}

/** The number is one that answers show once it counts. */
function configure(number: number, data: Readonly<Record<string, string>>): void {
  const texts = Object.entries(data).map(([key, text]) => [key, text.replace('AUTH:', refusing.url)])
  const all = { ...Object.fromEntries(texts), 'hsts-max-age': String(number) }
  writeObjects(program.manifests, 'configmap', [mainConfigMap(all)])
}

async function isLive(number: number): Promise<void> {
  const wanted = `max-age=${number};`
  await until(async () => (await send('https', { host: 'free.cm.test' })).transport.startsWith(wanted), 20_000)
}

const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

function ask({ name, asks }: Pick<Guard, 'name' | 'asks'>): ReturnType<typeof send> {
  return send('http', { host: `${name}.cm.test`, ...asks })
}

function send(
  scheme: 'http' | 'https',
  { host = '', path = '/', from, headers = {} }: NonNullable<Guard['asks']>,
): Promise<{ readonly status: number; readonly body: string; readonly transport: string }> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions & { readonly rejectUnauthorized: boolean } = {
      host: '127.0.0.1',
      port: scheme === 'http' ? program.http : program.https,
      path,
      headers: { host, ...headers },
      rejectUnauthorized: false,
      ...(from === undefined ? { agent: agents[scheme] } : { agent: false, localAddress: from }),
    }
    const asked = (scheme === 'http' ? requestHttp : requestHttps)(options, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      const transport = response.headers['strict-transport-security'] ?? ''
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, transport }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}
