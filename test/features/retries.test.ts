import { describe, expect, test } from 'vitest'
import { translated } from './translated.js'

const of = (annotations: Readonly<Record<string, string>>, configMap?: Readonly<Record<string, string>>) =>
  translated({ annotations, ...(configMap === undefined ? {} : { configMap }) })

describe('PRX-0 PRX-3: conditions', () => {
  test.each([['error timeout'], ['timeout error'], ['error  timeout error']])(
    '%j is the default, and no profile',
    (text) => {
      expect(of({ 'proxy-next-upstream': text }).route).not.toHaveProperty('profile')
    },
  )
  test.each([
    ['http_502 error', 'error http_502'],
    ['non_idempotent error non_idempotent timeout', 'error timeout non_idempotent'],
  ])('%j is a profile with %j', (text, words) => {
    expect(of({ 'proxy-next-upstream': text }).profile).toContain(`proxy_next_upstream ${words};`)
  })
  test('off is one try', () => {
    const { route } = of({ 'proxy-next-upstream': 'off' })
    expect([route.features?.retries, route.profile]).toEqual([{ tries: 1 }, undefined])
  })
  test.each([['sometimes'], ['error,timeout'], ['error; }']])('%j is none (DEF)', (text) => {
    const { problems, route } = of({ 'proxy-next-upstream': text })
    expect(problems.map(({ code }) => code)).toEqual(['annotation/invalid-value'])
    expect([route.features, route.profile]).toEqual([undefined, undefined])
  })
  test('retry-non-idempotent of the ConfigMap holds for every Ingress', () => {
    const { profile } = of({}, { 'retry-non-idempotent': 'true' })
    expect(profile).toContain('proxy_next_upstream error timeout non_idempotent;')
  })
})

test('RTY-1: tries and time by annotation, else by ConfigMap', () => {
  const { route } = of({ 'proxy-next-upstream-tries': '5', 'proxy-next-upstream-timeout': '7' })
  expect(route.features?.retries).toEqual({ tries: 5, seconds: 7 })
  const { settings, route: plain } = of({}, { 'proxy-next-upstream-tries': '2', 'proxy-next-upstream-timeout': '9' })
  expect(settings).toMatchObject({ tries: 2, retrySeconds: 9 })
  expect(plain.features).toBeUndefined()
  expect(of({}).settings).toMatchObject({ tries: 3 })
})

test('PRX-2: timeouts by annotation; what is absent is as in the ConfigMap', () => {
  const { route } = of({ 'proxy-read-timeout': '300' }, { 'proxy-connect-timeout': '9' })
  expect(route.features?.timeouts).toEqual({ connect: 9, send: 60, read: 300 })
  const { settings, route: plain } = of({}, { 'proxy-send-timeout': '90' })
  expect(settings.timeouts).toEqual({ connect: 5, send: 90, read: 60 })
  expect(plain.features).toBeUndefined()
})

test.each(['0', '-1', '60s', '1.5'])('PRX-2: %j is no timeout (DEF)', (text) => {
  const { problems } = of({ 'proxy-read-timeout': text })
  expect(problems.map(({ code }) => code)).toEqual(['annotation/invalid-value'])
})
