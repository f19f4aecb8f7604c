import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { get } from '../serve/clients.js'
import { annotated, secret, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { askTls, type Identity } from '../serve/tls-clients.js'
import { createAuthority } from '../support/certificates.js'
import { freePort } from '../support/ports.js'
import { type Answer, type Asking, forAll, startAsking } from './asking.js'
import { startAuthService, type AuthService } from './auth-service.js'
import { bases } from './bases.js'
import { openObjects, placesOf, protectedObjects, SECRET_PATH, TEXTS } from './hosts.js'
import { readProblems } from './problems.js'
import { type Combination, everythingBroken, everythingWhole, protecting } from './ways.js'

let program: Program
let refusing: AuthService
let backends: readonly TestBackend[] = []
let asking: Asking
let admin = 0

const broken = everythingBroken()
const onPurpose: Combination = {
  what: 'opened on purpose',
  base: { annotations: { 'auth-realm': '' } },
  closes: 'its paths',
  isWrong: false,
  statuses: [],
}
const named = [...broken, ...everythingWhole(), onPurpose].map((one, i) => ({ ...one, name: `one-${i}` }))
/** Somebody whose certificate is of another authority. */
const stranger = createAuthority('Strangers').issue({ names: [], commonName: 'friend', purpose: 'client' })

beforeAll(async () => {
  program = await createProgram()
  backends = await Promise.all(Object.values(TEXTS).map(startTestBackend))
  refusing = await startAuthService(() => false)
  admin = await freePort()
  const leaf = createAuthority('Hosts').issue({ names: ['*.wide.test', 'last.test'] })
  writeObjects(program.manifests, 'backends', [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      data: { 'ssl-redirect': 'false', 'keep-alive-requests': '1000000' },
    },
    ...backends.flatMap(({ name, port }) => [service(name), slice(name, [port])]),
    secret('leaf', leaf.chain, leaf.key),
    annotated('last', 'last.test', TEXTS.wide, {}),
  ])
  writeObjects(program.manifests, 'ingresses', [
    ...openObjects(named.map(({ name }) => name)),
    ...named.flatMap(({ name, base, closes }) =>
      protectedObjects(
        name,
        base,
        (text) => text.replace('AUTH:', refusing.url),
        closes === 'its hosts' ? 'leaf' : undefined,
      ),
    ),
  ])
  await program.start(undefined, ['--admin-port', String(admin)])
  await until(async () => (await get(program.http, 'last.test', '/')).status === 200, 20_000)
  asking = startAsking(program, 'last.test')
}, 60_000)

afterAll(async () => {
  await asking?.close()
  await program?.remove()
  for (const backend of backends) backend.close()
  refusing?.close()
})

test('every annotation that keeps somebody out belongs to a family with a base', () => {
  expect(protecting.filter(({ family }) => !(family.name in bases)).map(({ name }) => name)).toEqual([])
  expect(broken.length).toBeGreaterThan(3000)
})

test('fail closed: no broken security setting lets a stranger through, not to a wider path or host either, and none that is whole does', async () => {
  const open: string[] = []
  const otherwise: string[] = []
  await forAll(named, async (one) => {
    for (const { way, status, body } of await askAsStranger(one)) {
      const told = `${one.what}: ${way} ${status}`
      if (everyText.some((text) => body.includes(text))) open.push(told)
      else if (!one.statuses.includes(status)) otherwise.push(told)
    }
  })
  const opened = open.filter((told) => told.startsWith(`${onPurpose.what}: `))
  console.log(
    `${broken.length} broken settings of ${protecting.length} annotations, ${open.length - opened.length} open`,
  )
  expect(open.filter((told) => !opened.includes(told))).toEqual([])
  expect(otherwise).toEqual([])
  // What is opened on purpose is found in every way.
  expect(opened).toHaveLength(4)
}, 120_000)

test('nothing else is affected: another Ingress serves the rest of the host', async () => {
  const others: string[] = []
  await forAll(named, async ({ what, name, closes }) => {
    if (closes === 'its hosts') return
    const { status, body } = await asking.http(placesOf(name).beside, '/')
    if (body !== TEXTS.wide) others.push(`${what}: ${status}`)
  })
  expect((await asking.http('other.wild.test', '/')).body).toBe(TEXTS.wild)
  expect(others).toEqual([])
}, 60_000)

test('a problem of the Ingress says what is broken', async () => {
  const problems = await readProblems(program, admin)
  const unsaid = named.filter(({ name, isWrong }) => isWrong && !problems.has(`Ingress test/${name}`))
  expect(unsaid.map(({ what }) => what)).toEqual([])
})

const everyText: readonly string[] = Object.values(TEXTS)

interface Told {
  readonly way: string
  readonly status: number
  readonly body: string
}

/** The path that is kept from them, for a client without credentials, in every way that is closed while nothing is broken. */
async function askAsStranger({ name, base, closes }: (typeof named)[number]): Promise<readonly Told[]> {
  const { beside, below } = placesOf(name)
  const asked: (readonly [way: string, answer: Promise<Answer>])[] = [beside, below].flatMap((host) => [
    ...(base.tlsOnly === true ? [] : [[`http ${host}`, asking.http(host, SECRET_PATH)] as const]),
    ...(closes === 'its paths' ? [[`https ${host}`, asking.https(host, SECRET_PATH)] as const] : []),
  ])
  if (closes === 'its hosts') {
    const on = (host: string, identity?: Identity): Promise<Answer> =>
      askTls(program.https, { host, path: SECRET_PATH, identity })
    asked.push(['https', on(beside)], ['https without TLS section', on(below)])
    asked.push(["https with a stranger's certificate", on(beside, stranger)])
  }
  return Promise.all(asked.map(async ([way, answer]) => ({ way, ...(await answer) })))
}
