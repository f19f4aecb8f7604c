import { execFile } from 'node:child_process'
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stateFolderAt } from '../../src/apply/state-folder.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { createProgram, until, type Program } from './program.js'

const example = fileURLToPath(new URL('../../examples/canary', import.meta.url))
const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

let program: Program
let backends: readonly TestBackend[] = []
let endpoints: readonly string[] = []

beforeAll(async () => {
  program = await createProgram()
  cpSync(example, program.manifests, { recursive: true })
  backends = [await startTestBackend('front'), await startTestBackend('front-next')]
  endpoints = backends.flatMap(({ name, port }) => ['--endpoints', `demo/${name}=127.0.0.1:${port}`])
  await program.start(undefined, endpoints)
})

afterAll(async () => {
  agent.destroy()
  await program?.remove()
  for (const backend of backends) backend.close()
})

function ask(path: string, headers: Readonly<Record<string, string | readonly string[]>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const all = { ...headers, host: 'shop.example.com' } as Record<string, string | string[]>
    const asked = request({ host: '127.0.0.1', port: program.http, path, headers: all, agent }, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => resolve(response.statusCode === 200 ? body : String(response.statusCode)))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** How many of so many requests the canary got, in groups one after the other. */
async function countCanary(requests: number): Promise<number> {
  let count = 0
  for (let asked = 0; asked < requests; asked += 8) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('/')))
    for (const answer of answers) expect(answer).toMatch(/^front(-next)?$/)
    count += answers.filter((answer) => answer === 'front-next').length
  }
  return count
}

/** Live when the header that came with it counts before the cookie. */
async function setWeight(weight: number): Promise<void> {
  const header = `X-Weight-${weight}`
  const file = join(program.manifests, 'canary.yaml')
  const text = readFileSync(file, 'utf8')
    .replace(/canary-weight: ".*"/, `canary-weight: "${weight}"`)
    .replace(/canary-by-header: .*/, `canary-by-header: ${header}`)
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
  await until(async () => (await ask('/', { [header]: 'always', cookie: 'shop-next=never' })) === 'front-next', 20_000)
}

describe('examples/canary through NGINX', () => {
  test('header and cookie decide, on every path that leads to the main Service (CAN-5, CAN-7)', async () => {
    for (const path of ['/', '/x', '/cart']) {
      expect(await ask(path, { 'x-shop-next': 'always' })).toBe('front-next')
      expect(await ask(path, { 'X-Shop-Next': 'never' })).toBe('front')
      expect(await ask(path, { cookie: 'shop-next=always' })).toBe('front-next')
      expect(await ask(path, { cookie: 'a=b; shop-next=never' })).toBe('front')
      expect(await ask(path, { 'X-Shop-Next': 'never', cookie: 'shop-next=always' })).toBe('front')
    }
  })

  test('lines of one header are one value (CAN-9)', async () => {
    const never = { cookie: 'shop-next=never' }
    expect(await ask('/', { 'X-Shop-Next': ['always', 'always'], ...never })).toBe('front')
  })

  test('each worker keeps the weight exactly, and a new one is live without a reload (CAN-7, CAN-10)', async () => {
    const generation = program.generation()
    // At the beginning and at the end of a count a worker may be ahead by one.
    const bound = 2 * cpus().length
    expect(Math.abs((await countCanary(400)) - 80)).toBeLessThanOrEqual(bound)
    await setWeight(60)
    expect(Math.abs((await countCanary(400)) - 240)).toBeLessThanOrEqual(bound)
    await setWeight(100)
    expect(await countCanary(80)).toBe(80)
    await setWeight(0)
    expect(await countCanary(80)).toBe(0)
    expect(program.generation()).toBe(generation)
  })

  test('the access log names both upstreams where the canary serves (CAN-13, LOGF-2)', async () => {
    await setWeight(1)
    await ask('/logged-canary', { 'X-Weight-1': 'always' })
    await ask('/logged-main', { 'X-Weight-1': 'never' })
    const file = stateFolderAt(program.state).accessLog
    const lineOf = (path: string): string | undefined =>
      readFileSync(file, 'utf8')
        .split('\n')
        .find((line) => line.includes(`GET ${path} `))
    await until(() => Promise.resolve(lineOf('/logged-main') !== undefined), 20_000)
    expect(lineOf('/logged-canary')).toContain(' [demo-front-80] [demo-front-next-80] 127.0.0.1:')
    expect(lineOf('/logged-main')).toContain(' [demo-front-80] [] 127.0.0.1:')
  })
})

describe('fairlead explain says who has the request and why', () => {
  async function explain(...words: readonly string[]): Promise<string> {
    const all = ['explain', 'http://shop.example.com/cart', '--manifests', example, ...endpoints, ...words]
    const { stdout } = await promisify(execFile)(process.execPath, [bin, ...all], {
      env: { ...process.env, NO_COLOR: '1' },
    })
    return stdout
  }

  test('of a weight both', async () => {
    const text = await explain()
    expect(text).toMatch(
      /^goes to Service demo\/front\/80, and 20 of 100 such requests to Service demo\/front-next\/80\n/,
    )
    expect(text).toMatch(
      /canary +demo\/front-next\/80, drawn each time: weight 20 of 100\n +Ingress demo\/shop-next, spec/,
    )
  })

  test('of a header and a cookie the one', async () => {
    expect(await explain('--header', 'x-shop-next: always')).toMatch(
      /^goes to Service demo\/front-next\/80\n[^]*taken: the header X-Shop-Next says so/,
    )
    expect(await explain('--cookie', 'a=b', '--cookie', 'shop-next=never')).toMatch(
      /^goes to Service demo\/front\/80\n[^]*not taken: the cookie shop-next says so/,
    )
  })

  test('of what is no header, that', async () => {
    await expect(explain('--header', 'always')).rejects.toThrow(/"always" is not a header such as/)
    await expect(explain('--cookie', 'always')).rejects.toThrow(/"always" is not a cookie such as/)
  })
})
