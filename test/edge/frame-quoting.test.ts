import { request } from 'node:http'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { block, simple, variable, type Directive } from '../../src/nginx/directive.js'
import { printConfig } from '../../src/nginx/print.js'
import { unprintable } from '../../src/nginx/quote.js'
import { createRunFolder, removeFolder, startConfig, stop } from './frame-engine.js'
import { enginesForTests } from '../support/engine.js'

/** Texts that a careless printer would let out of their argument. */
const hostile = [
  '',
  ' ',
  '"',
  "'",
  '\\',
  '\\\\',
  '\\"',
  '\\n',
  ';',
  '};',
  '{',
  '#',
  '"; } server { listen 1; } #',
  '\n',
  '\r\n\t',
  '\\\n',
  '%00%0a',
  '\u0001\u001f\u007f',
  '\ufeff',
  'é☕😀',
  '@x~^*?()[]|<>!&',
]

const character = fc.oneof(
  fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)),
  fc.constantFrom('\\', '"', "'", ';', '{', '}', '#', ' ', '\n', '\r', '\t', 'n', 't', 'r', 'x', '0'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
)
const texts = fc.array(character, { maxLength: 60 }).map((characters) => characters.join('').replaceAll('$', ''))

test.each(await enginesForTests())('NGINX reads back what was printed (NGINX $version)', async (engine) => {
  const random = fc.sample(texts, { numRuns: 400, seed: 20_261_124 }).filter((text) => unprintable(text) === undefined)
  expect(random.length).toBeGreaterThan(350)
  const all = [...hostile, ...random, 'x'.repeat(3990)]
  const folder = await createRunFolder()
  const socket = join(folder, 'socket')
  const child = await startConfig(engine, folder, printConfig(config(folder, socket, all)), socket)
  try {
    for (const [index, text] of all.entries()) expect(await read(socket, `/${index}`)).toBe(text)
  } finally {
    await stop(child)
    await removeFolder(folder)
  }
})

/** Keys that `map` reads in a way of its own unless told not to, as far as a request header can hold them. */
const keys = ['default', 'hostnames', 'include', 'volatile', '~.*', '~', '\\', '\\default', '\\\\', 'x;y', '{"a"}', "'"]

test.each(await enginesForTests())('the keys of a map are exact texts (NGINX $version)', async (engine) => {
  const folder = await createRunFolder()
  const socket = join(folder, 'socket')
  const cases = keys.map((key, index) => [key, `found ${index}`] as const)
  const map: Directive = {
    name: 'map',
    args: [variable('http_x_key'), variable('found')],
    block: { otherwise: 'none', cases },
  }
  const child = await startConfig(engine, folder, printConfig(config(folder, socket, [], [map])), socket)
  try {
    for (const [index, key] of keys.entries())
      expect(await read(socket, '/map', { 'X-Key': key })).toBe(`found ${index}`)
    expect(await read(socket, '/map', { 'X-Key': 'something else' })).toBe('none')
  } finally {
    await stop(child)
    await removeFolder(folder)
  }
})

function config(
  folder: string,
  socket: string,
  all: readonly string[],
  more: readonly Directive[] = [],
): readonly Directive[] {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const
  return [
    simple('daemon', 'off'),
    simple('pid', `${folder}/pid`),
    simple('worker_processes', 1),
    block('events', [], []),
    block(
      'http',
      [],
      [
        ...kinds.map((kind) => simple(`${kind}_temp_path`, `${folder}/temporary/${kind}`)),
        simple('access_log', 'off'),
        ...more,
        block(
          'server',
          [],
          [
            simple('listen', `unix:${socket}`),
            ...all.map((text, index) => block('location', ['=', `/${index}`], [simple('return', 200, text)])),
            ...(more.length === 0
              ? []
              : [block('location', ['=', '/map'], [simple('return', 200, variable('found'))])]),
          ],
        ),
      ],
    ),
  ]
}

async function read(socketPath: string, path: string, headers: Record<string, string> = {}): Promise<string> {
  const sent = request({ socketPath, path, headers, agent: false })
  sent.end()
  return new Promise((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => resolve(Buffer.concat(chunks).toString()))
    })
  })
}
