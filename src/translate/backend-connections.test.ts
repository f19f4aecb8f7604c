import { expect, test } from 'vitest'
import type { ConfigMap } from '../snapshot/objects.js'
import { readGlobalSettings } from './configmap.js'

function read(data: Readonly<Record<string, string>>) {
  const meta = {
    namespace: 'a',
    name: 'b',
    uid: '',
    createdAt: undefined,
    annotations: {},
    labels: {},
    source: undefined,
  }
  const configMap: ConfigMap = { kind: 'ConfigMap', ...meta, data }
  const { value, problems } = readGlobalSettings(configMap)
  const { document, frame } = value
  return { connections: document.backendConnections, pool: frame.upstreamPoolSize, problems: problems.length }
}

const usual = { kept: true, idleSeconds: 60, requests: 10_000 }

test.each<readonly [string, Readonly<Record<string, string>>, object | undefined, number | undefined]>([
  ['nothing is said', {}, undefined, undefined],
  [
    'what holds anyway',
    { 'upstream-keepalive-timeout': '60', 'upstream-keepalive-requests': '10000' },
    undefined,
    undefined,
  ],
  ['none are kept (CON-1)', { 'upstream-keepalive-connections': '0' }, { ...usual, kept: false }, 0],
  ['another number of them', { 'upstream-keepalive-connections': '320' }, undefined, 320],
  ['for no time', { 'upstream-keepalive-timeout': '0' }, { ...usual, kept: false, idleSeconds: 0 }, undefined],
  ['for no further request', { 'upstream-keepalive-requests': '0' }, { ...usual, kept: false, requests: 0 }, undefined],
  ['another time without use', { 'upstream-keepalive-timeout': '900' }, { ...usual, idleSeconds: 900 }, undefined],
  ['a time of use', { 'upstream-keepalive-time': '1h' }, { ...usual, mostSeconds: 3600 }, undefined],
  ['no limit of it', { 'upstream-keepalive-time': '0' }, undefined, undefined],
])('%s', (_fact, data, connections, pool) => {
  expect(read(data)).toEqual({ connections, pool, problems: 0 })
})

test('what cannot be read leaves the default in force and is said', () => {
  const data = { 'upstream-keepalive-connections': 'many', 'upstream-keepalive-time': '1 hour' }
  expect(read(data)).toEqual({ connections: undefined, pool: undefined, problems: 2 })
})
