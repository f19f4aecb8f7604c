import { spawn } from 'node:child_process'
import { beforeAll, expect, it } from 'vitest'
import { commandInImage, imageRoot, repository } from './container.js'

/** Of the layer local: those that hold Node against NGINX and need no program that the image has not. */
const files = ['test/apply', 'test/edge/normalise', 'test/routing/table', 'test/serve/kill']

let root: string

beforeAll(() => {
  root = imageRoot()
})

it("tests of the edge, of pushing, of routing and of the whole program pass on the image's own Node and NGINX, as its user", async () => {
  const script =
    'cd /mnt && HOME=/tmp exec node node_modules/vitest/vitest.mjs run --configLoader runner --project local "$@"'
  const [program, ...words] = commandInImage(root, repository, ['/tmp'], ['sh', '-c', script, 'sh', ...files])
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, failed: code === 0 ? '' : said }).toEqual({ code: 0, failed: '' })
  expect(said).toMatch(/Test Files .*(?<!\d)(?:[4-9]|[1-9]\d+) passed/)
}, 600_000)
