import { expect, test } from 'vitest'
import { MOST_PROFILES } from '../../src/translate/profiles.js'
import { translated, ingress } from './translated.js'

const buffers = (number: number): Record<string, string> => ({ 'proxy-buffers-number': String(number) })

function created(object: object, second: number): object {
  const { metadata, ...rest } = object as { readonly metadata: object } // made by `ingress`
  const creationTimestamp = new Date(second * 1000).toISOString()
  return { ...rest, metadata: { ...metadata, creationTimestamp } }
}

test('profiles are bounded: beyond that the newest routes are closed, with a problem', () => {
  const room = MOST_PROFILES - translated({}).translation.commonProfiles.length
  const objects = Array.from({ length: room + 2 }, (_, i) =>
    created(ingress(`many-${i}`, buffers(10 + i), `host-${i}.test`), 1000 + i),
  )
  const { translation } = translated({ objects })
  expect(translation.profiles).toHaveLength(MOST_PROFILES)
  const closed = translation.problems.filter(({ code }) => code === 'annotation/closed')
  expect(closed.map(({ about }) => about.name).toSorted()).toEqual([`many-${room}`, `many-${room + 1}`].toSorted())
  expect(closed[0]?.message).toContain(String(MOST_PROFILES))
  const again = translated({ objects: objects.slice(2) }).translation
  expect(again.problems.filter(({ code }) => code === 'annotation/closed')).toEqual([])
})

test('Ingresses with the same needs share a profile, and common ones are there without anybody', () => {
  const none = translated({}).translation.profiles
  expect(translated({ annotations: { 'proxy-buffering': 'on' } }).translation.profiles).toEqual(none)
  const objects = [ingress('two', buffers(9), 'b.test'), ingress('three', buffers(9), 'c.test')]
  expect(translated({ annotations: buffers(9), objects }).translation.profiles).toHaveLength(none.length + 1)
})
