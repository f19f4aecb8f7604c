import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { get } from '../serve/clients.js'
import { annotated, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { startAuthService, type AuthService } from './auth-service.js'
import { bases } from './bases.js'
import { everythingBroken, protecting } from './ways.js'

let program: Program
let refusing: AuthService
let backend: TestBackend

const broken = everythingBroken()
const whole = Object.values(bases).flat()

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('protected')
  refusing = await startAuthService(() => false)
  writeObjects(program.manifests, 'app', [
    service('app'),
    slice('app', [backend.port]),
    annotated('last', 'last.test', 'app', {}),
  ])
  writeObjects(program.manifests, 'broken', [
    ...broken.flatMap(({ annotations, secrets }, i) => objects(`broken-${i}`, annotations, secrets)),
    ...whole.flatMap(({ annotations, secrets = {} }, i) => objects(`whole-${i}`, annotations, secrets)),
    annotated('opened-on-purpose', 'opened.test', 'app', {}),
  ])
  await program.start()
  await until(async () => (await get(program.http, 'last.test', '/')).status === 200, 20_000)
}, 60_000)

afterAll(async () => {
  await program?.remove()
  backend?.close()
  refusing?.close()
})

test('every annotation that keeps somebody out belongs to a family with a base', () => {
  expect(protecting.filter(({ family }) => !(family.name in bases)).map(({ name }) => name)).toEqual([])
  expect(broken.length).toBeGreaterThan(100)
})

test('fail closed: no broken security setting lets a stranger through, and none that is whole does', async () => {
  const open: string[] = []
  for (const [i, { what }] of broken.entries()) if (await letsIn(`broken-${i}.test`)) open.push(what)
  for (const [i, { annotations }] of whole.entries())
    if (await letsIn(`whole-${i}.test`)) open.push(`whole: ${JSON.stringify(annotations)}`)
  console.log(
    `${broken.length} broken and ${whole.length} whole settings of ${protecting.length} annotations, ${open.length} open`,
  )
  expect(open).toEqual([])
}, 120_000)

test('one that is opened on purpose is found', async () => {
  expect(await letsIn('opened.test')).toBe(true)
})

async function letsIn(host: string): Promise<boolean> {
  return (await get(program.http, host, '/')).body.includes('protected')
}

function objects(
  name: string,
  annotations: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>,
): readonly object[] {
  return [
    annotated(name, `${name}.test`, 'app', naming(annotations, name)),
    ...Object.entries(secrets).map(([secret, stringData]) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-${secret}`, namespace: 'test' },
      stringData,
    })),
  ]
}

/** `SECRET:x` in an annotation is the name of the Secret x of this Ingress, `AUTH:` the auth service. */
function naming(annotations: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).map(([key, text]) => [
      key,
      text.replace('SECRET:', `${name}-`).replace('AUTH:', refusing.url),
    ]),
  )
}
