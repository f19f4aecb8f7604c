import { expect, test } from 'vitest'
import { digestBytes } from '../../apply/digest.js'
import type { UpstreamDocument } from '../../model/documents.js'
import { encode } from '../../plan/encode.js'
import { createLiveTable } from './live-table.js'

const upstream = (port: number): UpstreamDocument => ({
  key: 'shop/front/80',
  label: 'shop-front-80',
  addresses: ['10.0.0.1'],
  ports: [port],
})
const key = 'u:shop/front/80'
const desired = new Map([[key, upstream(2)]])

test('what NGINX has as desired is the desired object itself', () => {
  const table = createLiveTable(desired, () => encode(upstream(2), digestBytes))
  expect(table.get(key)).toBe(desired.get(key))
  expect(table.behind()).toEqual([])
})

test('where NGINX has an older version, that one counts, and it is said', () => {
  const table = createLiveTable(desired, () => encode(upstream(1), digestBytes))
  expect(table.get(key)).toEqual(upstream(1))
  expect(table.behind()).toEqual([key])
})

test('what NGINX does not have yet is not there, and what nobody wants any more still is', () => {
  const without = createLiveTable(desired, () => undefined)
  expect(without.get(key)).toBeUndefined()
  expect(without.behind()).toEqual([key])
  const still = createLiveTable(new Map(), () => encode(upstream(1), digestBytes))
  expect(still.get(key)).toEqual(upstream(1))
  expect(still.behind()).toEqual([key])
})
