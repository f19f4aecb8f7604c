import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get } from '../serve/clients.js'
import { slice, writeObjects } from '../serve/manifests.js'
import { startMirror, type MirrorServer } from '../serve/mirror-target.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { startEcho, type Echo } from './echo.js'

const example = fileURLToPath(new URL('../../examples/mirror/mirror.yaml', import.meta.url))

let program: Program
const echoes: Echo[] = []
const mirrors = new Map<string, MirrorServer>()

beforeAll(async () => {
  program = await createProgram()
  let text = readFileSync(example, 'utf8')
  // The example's names are nobody's; the servers of this test stand in for them.
  for (const name of ['shop', 'next', 'other']) {
    const mirror = await startMirror('http', 'answering')
    mirrors.set(name, mirror)
    text = text.replace(`${name}.staging.example.com`, `127.0.0.1:${mirror.port}`)
  }
  mkdirSync(program.manifests, { recursive: true })
  writeFileSync(join(program.manifests, 'mirror.yaml'), text)
  for (const name of ['shop', 'api']) echoes.push(await startEcho(name))
  writeObjects(
    program.manifests,
    'endpoints',
    echoes.map(({ name, port }) => inDemo(slice(name, [port]))),
  )
  await program.start()
})

afterAll(async () => {
  await program?.remove()
  for (const echo of echoes) echo.close()
  for (const mirror of mirrors.values()) mirror.close()
})

test('examples/mirror: a share of the shop, and the API twice; clients get the answer of the original', async () => {
  for (let i = 0; i < 100; i++) expect((await get(program.http, 'shop.example.com', `/${i}`)).body).toBe(`shop /${i}`)
  expect((await get(program.http, 'api.example.com', '/v1?x=y')).body).toBe('api /v1?x=y')
  const targets = (name: string): readonly string[] => mirrors.get(name)?.received.map(({ target }) => target) ?? []
  await until(() => Promise.resolve(targets('next').length === 1 && targets('other').length === 1), 20_000)
  expect(targets('next')).toEqual(['/v1?x=y'])
  expect(targets('other')).toEqual(['/seen?path=/v1'])
  // None of a hundred, or sixty of them, would be chance once in thousands of millions of times.
  await until(() => Promise.resolve(targets('shop').length > 0), 20_000)
  expect(targets('shop').length).toBeLessThan(60)
})

function inDemo(object: object): object {
  return { ...object, metadata: { ...('metadata' in object ? (object.metadata as object) : {}), namespace: 'demo' } }
}
