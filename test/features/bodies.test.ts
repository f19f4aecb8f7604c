import { describe, expect, test } from 'vitest'
import { translated } from './translated.js'

const of = (annotations: Readonly<Record<string, string>>) => translated({ annotations })

describe('PRX-1: how large a body may be', () => {
  test.each([
    ['8m', 8 * 1024 ** 2, '8m'],
    ['100m', 100 * 1024 ** 2, '128m'],
    ['1000', 1000, '1k'],
    ['1k', 1024, '1k'],
    ['1g', 1024 ** 3, '1024m'],
    ['0', 0, '0'],
  ])('%s is exact where the length is said, and the next power of two otherwise', (text, bytes, line) => {
    const { route, profile, problems } = of({ 'proxy-body-size': text })
    expect(route.features?.bodyLimit).toEqual({ bytes })
    expect(profile).toEqual([`client_max_body_size ${line};`])
    expect(problems).toEqual([])
  })

  test('a value that is none has the default in its place (DEF)', () => {
    const { route, problems } = of({ 'proxy-body-size': '8 megabytes' })
    expect([route.features, route.profile]).toEqual([undefined, undefined])
    expect(problems.map(({ code }) => code)).toEqual(['annotation/invalid-value'])
  })

  test('the ConfigMap gives it for every host, and no route pays for it', () => {
    const { route, settings, translation } = translated({ configMap: { 'proxy-body-size': '20m' } })
    expect([route.features, route.profile]).toEqual([undefined, undefined])
    expect(settings.maxBodyBytes).toBe(20 * 1024 ** 2)
    expect(translation.profiles.map(({ name }) => name)).toContain(settings.unsizedProfile)
    expect(translated({ configMap: { 'proxy-body-size': '0' } }).settings).toMatchObject({ maxBodyBytes: 0 })
  })

  test('every profile has the limit of the ConfigMap where the Ingress has none', () => {
    const asked = { annotations: { 'proxy-buffering': 'on' }, configMap: { 'proxy-body-size': '20m' } }
    expect(translated(asked).profile).toEqual(['client_max_body_size 32m;', 'proxy_buffering on;'])
  })
})

test('PRX-4: request buffering off is a profile; on is the default and none', () => {
  expect(of({ 'proxy-request-buffering': 'off' }).profile).toContain('proxy_request_buffering off;')
  expect(of({ 'proxy-request-buffering': 'on' }).route.profile).toBeUndefined()
})

test('buffers have the size of the first one, as the annotation has it', () => {
  expect(
    of({ 'proxy-buffer-size': '16k', 'proxy-buffers-number': '8', 'proxy-busy-buffers-size': '64k' }).profile,
  ).toEqual([
    'client_max_body_size 1m;',
    'proxy_buffer_size 16k;',
    'proxy_buffers 8 16k;',
    'proxy_busy_buffers_size 64k;',
  ])
})

test('PRX-9: sizes that NGINX refuses together are not used, and hurt nothing else of the Ingress', () => {
  const { profile, problems, closed } = of({
    'proxy-body-size': '8m',
    'proxy-buffer-size': '16k',
    'proxy-busy-buffers-size': '8k',
  })
  expect(profile).toEqual(['client_max_body_size 8m;'])
  expect(closed).toBe(false)
  expect(problems).toMatchObject([
    { code: 'annotation/invalid-value', field: expect.stringContaining('proxy-busy-buffers-size') },
  ])
  expect(problems[0]?.message).toContain('at least one buffer, which is 16384 bytes')
})

test('PRX-9: 1g for a buffer is refused before it reaches NGINX', () => {
  const { route, problems } = of({ 'proxy-buffer-size': '1g' })
  expect(route.profile).toBeUndefined()
  expect(problems.map(({ code }) => code)).toEqual(['annotation/invalid-value'])
})

test('client-body-buffer-size refuses the Ingress where it is none (REJ)', () => {
  expect(of({ 'client-body-buffer-size': '16k' }).profile).toContain('client_body_buffer_size 16k;')
  expect(() => of({ 'client-body-buffer-size': 'much' })).toThrow()
})

test('PRX-9: a profile that NGINX refuses closes its Ingress only, with the reason of NGINX', () => {
  const annotations = { 'proxy-buffering': 'on' }
  const name = translated({ annotations }).route.profile ?? ''
  const { closed, problems, translation } = translated({
    annotations,
    refused: new Map([[name, '"proxy_buffering" does not please.']]),
  })
  expect(closed).toBe(true)
  expect(translation.profiles.map((profile) => profile.name)).not.toContain(name)
  expect(problems).toMatchObject([{ code: 'annotation/closed', about: { name: 'app' } }])
  expect(problems[0]?.message).toContain('"proxy_buffering" does not please.')
})
