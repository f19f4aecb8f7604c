import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

let program: Program
const backends: TestBackend[] = []

beforeAll(async () => {
  program = await createProgram()
  backends.push(await startTestBackend('near'), await startTestBackend('far'))
  write(['a', 'b'])
  await program.start(undefined, ['--enable-topology-aware-routing', '--zone=a'])
})

afterAll(async () => {
  await program?.remove()
  for (const backend of backends) backend.close()
})

/** A Service that prefers endpoints of its zone, with one slice for each backend; undefined: its endpoint has no hints. */
function write(zones: readonly (string | undefined)[]): void {
  const own = service('app')
  const slices = backends.map(({ port }, i) => {
    const made = slice(`app`, [port])
    const zone = zones[i]
    const hints = zone === undefined ? {} : { hints: { forZones: [{ name: zone }] } }
    const { metadata } = made as { metadata: object }
    return { ...made, metadata: { ...metadata, name: `app-${i}` }, endpoints: [{ addresses: ['127.0.0.1'], ...hints }] }
  })
  const annotations = { 'service.kubernetes.io/topology-mode': 'Auto' }
  const annotated = { ...own, metadata: { ...(own as { metadata: object }).metadata, annotations } }
  writeObjects(program.manifests, 'app', [ingress('app', 'app.test', 'app'), annotated, ...slices])
}

/** Who answers ten requests, of two that take turns. */
async function answering(): Promise<string> {
  const seen = new Set<string>()
  for (let i = 0; i < 10; i++) seen.add((await get(program.http, 'app.test', '/')).body)
  return [...seen].sort().join()
}

test('requests stay in the zone while its hints say so, and go everywhere where they do not (SVC-9)', async () => {
  expect(await answering()).toBe('near')
  write(['a', undefined])
  await until(async () => (await answering()) === 'far,near', 10_000)
  write(['b', 'a'])
  await until(async () => (await answering()) === 'far', 10_000)
  write(['b', 'b'])
  await until(async () => (await answering()) === 'far,near', 10_000)
})
