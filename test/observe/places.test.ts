import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogEngine } from '../../src/observe/logs/engine.js'
import { openPlaces } from '../../src/observe/logs/places.js'
import { placePanels } from '../../src/observe/boards/shared.js'
import { ackFormat, ackLine, START } from './log-lines.js'
import { makeDatabase } from './mmdb.js'

let folder = ''
let file = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-places-'))
  file = join(folder, 'places.mmdb')
  const bern = { iso_code: 'BE', names: { en: 'Bern' } }
  writeFileSync(
    file,
    makeDatabase([
      {
        network: '192.0.2.0/29',
        data: { country: { iso_code: 'CH' }, subdivisions: [bern], city: { names: { en: 'Thun', de: 'Thoune' } } },
      },
      { network: '198.51.100.0/24', data: { registered_country: { iso_code: 'NO' } } },
      { network: '203.0.113.0/24', data: { country: { iso_code: 7 }, city: { names: ['x'] } } },
    ]),
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function places() {
  const opened = openPlaces(file)
  if (!opened.ok) throw new Error(opened.message)
  return opened
}

test('a client has the country, region and city of its network; what is no address, and what no network has, has none', () => {
  const { placeOf } = places()
  expect(placeOf('192.0.2.7')).toEqual({ country: 'CH', region: 'Bern', city: 'Thun' })
  expect(placeOf('198.51.100.9')).toEqual({ country: 'NO', region: '', city: '' })
  expect(placeOf('203.0.113.1')).toEqual({ country: '', region: '', city: '' })
  for (const client of ['192.0.2.8', '2001:db8::1', 'unix:', '', '1.2.3', '192.0.2.7 '])
    expect(placeOf(client)).toBeUndefined()
})

test('a file that is no database is refused with a sentence', () => {
  const other = join(folder, 'other')
  writeFileSync(other, 'no database')
  for (const path of [other, join(folder, 'absent'), folder])
    expect(openPlaces(path)).toEqual({ ok: false, message: expect.stringContaining(path) as string }) // a matcher
})

test('the panels say where requests come from, or that there is no database (ack.md 5.1)', async () => {
  const { placeOf } = places()
  const lines = Buffer.from(Array.from({ length: 90 }, (_, i) => ackLine(i)).join(''))
  for (const placing of [{}, { placeOf }]) {
    const engine = createLogEngine({ formats: [ackFormat], now: () => START, ...placing })
    engine.read(lines)
    const panels = await placePanels(
      { query: async (query) => engine.query(query), status: async () => engine.status() },
      { from: START, to: START + 3_600_000 },
    )
    const text = JSON.stringify(panels)
    if ('placeOf' in placing) for (const word of ['CH', 'Bern', 'Thun', '80']) expect(text).toContain(word)
    else expect(text).toContain('there is no database of places')
  }
})
