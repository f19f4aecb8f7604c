import { expect, test } from 'vitest'
import { SortedMap } from '../collections/sorted-map.js'
import type { Document } from '../model/documents.js'
import { createBesideReload } from './beside-reload.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what comes while something is pushed is pushed once, after it; nothing is when no frame is on its way', async () => {
  let isReloading = true
  const pushed: SortedMap<Document>[] = []
  let taken: () => void = () => undefined
  const applier = {
    isReloading: () => isReloading,
    pushMeanwhile(documents: SortedMap<Document>): Promise<void> {
      pushed.push(documents)
      return new Promise((resolve) => (taken = resolve))
    },
  }
  const tables = Array.from({ length: 3 }, () => SortedMap.empty<Document>())
  let at = 0
  const changed = createBesideReload({ applier, documents: () => tables[at], log: () => undefined })
  changed()
  at = 1
  changed()
  at = 2
  changed()
  expect(pushed).toEqual([tables[0]])
  taken()
  await turn()
  expect(pushed).toHaveLength(2)
  expect(pushed[1]).toBe(tables[2])
  taken()
  await turn()
  isReloading = false
  changed()
  await turn()
  expect(pushed).toHaveLength(2)
})

test('what cannot be pushed, or told without a pass, is left to the next one', async () => {
  const said: string[] = []
  const applier = { isReloading: () => true, pushMeanwhile: () => Promise.reject(new Error('no answer')) }
  let documents: SortedMap<Document> | undefined
  const changed = createBesideReload({ applier, documents: () => documents, log: (_, text) => said.push(text) })
  changed()
  await turn()
  expect(said).toEqual([])
  documents = SortedMap.empty()
  changed()
  await turn()
  expect(said).toEqual([expect.stringContaining('no answer')])
})
