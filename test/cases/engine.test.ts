import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPatternHelper } from '../../src/apply/engine/patterns.js'
import { writeObjects } from '../serve/manifests.js'
import { createProgram, type Program, until } from '../serve/program.js'
import { theEngine } from '../support/engine.js'
import { type AuthServer, startAuthServer, withAuthServer } from './auth-service.js'
import { type Echoes, startEchoes } from './echoes.js'
import { observe } from './observe.js'
import { readCase } from './read-case.js'
import { answerLines, translateCase } from './run-case.js'
import { completeObjects } from './world-of-case.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.case'))
  .toSorted()
  .map((file) => [file, readCase(readFileSync(folder + file, 'utf8'))] as const)

const helper = createPatternHelper(await theEngine())

let program: Program
let echoes: Echoes
let auth: AuthServer

beforeAll(async () => {
  echoes = await startEchoes()
  auth = await startAuthServer()
  program = await createProgram()
  await program.start()
})

afterAll(async () => {
  await program?.remove()
  await echoes?.close()
  await auth?.close()
  await helper.stop()
})

/** A profile that no frame has had yet is used once the workers of the old frame are gone. */
const DEADLINE_MS = 20_000

const OTHERWISE =
  'NGINX does not do what the pure functions say. Run make build if src/ was changed. ' +
  'A refused Ingress keeps its last good version: no case before may have a good one of its name'

/** What the pure functions say of a case is what NGINX does, in one process that never restarts between the cases. */
test.each(cases.filter(([, { pure, requests }]) => pure === undefined && requests.length > 0))(
  'through NGINX: %s',
  async (file, one) => {
    const translation = await translateCase(one, helper)
    const ports = { http: program.http, https: program.https }
    const marker = markerOf(file)
    const objects = [...withAuthServer(one.objects, auth), marker.object]
    await echoes.listenFor(objects)
    writeObjects(program.manifests, 'case', completeObjects(objects, echoes.endpointOf))
    await until(async () => (await observe(marker.request, [marker.answer], ports))[0] === marker.answer, DEADLINE_MS)
    for (const request of one.requests) {
      const expected = await answerLines(translation, request, helper)
      const end = Date.now() + DEADLINE_MS
      let seen = await observe(request, expected, ports)
      while (JSON.stringify(seen) !== JSON.stringify(expected) && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        seen = await observe(request, expected, ports)
      }
      expect([request.line, ...seen], OTHERWISE).toEqual([request.line, ...expected])
    }
  },
)

/** A host of its own, live when the case is: until then, what the case before left behind could pass for an answer. */
function markerOf(file: string) {
  const host = `${file.replaceAll(/[^a-z0-9]/g, '-')}.marker.test`
  const backend = { service: { name: 'marker', port: { number: 80 } } }
  const object = {
    kind: 'Ingress',
    metadata: { name: 'case-marker' },
    spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  }
  // The ConfigMap of a case may redirect plain HTTP.
  const url = new URL(`https://${host}/`)
  return {
    object,
    request: { line: '', method: 'GET', url, target: '/', headers: {} },
    answer: 'to test/marker/80',
  }
}
