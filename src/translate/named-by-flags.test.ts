import { expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { emptySnapshot } from '../snapshot/snapshot.js'
import { createStore } from '../snapshot/store.js'
import { missingOfFlags } from './named-by-flags.js'
import { defaultTranslateOptions } from './options.js'

const options = {
  ...defaultTranslateOptions,
  configMap: 'ops/settings',
  tcpServices: 'ops/tcp',
  udpServices: 'ops/udp',
  defaultBackendService: 'ops/fallback',
}

test('DEF-1 L4-1: what a flag names and is not there is said, once for each, with the flag', () => {
  const problems = missingOfFlags(emptySnapshot, options, [])
  expect(problems.map(({ about, message }) => `${about.kind} ${about.name}: ${message}`)).toEqual([
    'ConfigMap settings: There is no ConfigMap ops/settings, which --configmap names. The defaults hold until it exists.',
    'ConfigMap tcp: There is no ConfigMap ops/tcp, which --tcp-services-configmap names. No port is opened until it exists.',
    'ConfigMap udp: There is no ConfigMap ops/udp, which --udp-services-configmap names. No port is opened until it exists.',
    'Service fallback: There is no Service ops/fallback, which --default-backend-service names. What it should answer is answered with 404 until it exists.',
  ])
  expect(missingOfFlags(emptySnapshot, options, problems)).toBe(problems)
})

test('what is there, or is no flag of anybody, is not', () => {
  expect(missingOfFlags(emptySnapshot, defaultTranslateOptions, [])).toEqual([])
  const store = createStore()
  for (const [kind, name] of [
    ['ConfigMap', 'settings'],
    ['ConfigMap', 'tcp'],
    ['Service', 'fallback'],
  ]) {
    const { object } = parseObject(
      { apiVersion: 'v1', kind, metadata: { name, namespace: 'ops' }, spec: {} },
      undefined,
    )
    if (object !== undefined) store.set(object)
  }
  expect(missingOfFlags(store.snapshot(), options, []).map(({ about }) => about.name)).toEqual(['udp'])
})
