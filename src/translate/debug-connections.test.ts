import { expect, test } from 'vitest'
import { snapshotOf } from '../../test/cases/world-of-case.js'
import { defaultTranslateOptions } from './options.js'
import { translate } from './translate.js'

const configMap = {
  kind: 'ConfigMap',
  metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
  data: { 'debug-connections': '192.0.2.1, nonsense, 2001:db8::/32' },
}

function read(debug: boolean): readonly [readonly string[] | undefined, readonly string[]] {
  const options = { ...defaultTranslateOptions, engine: { ...defaultTranslateOptions.engine, debug } }
  const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
  const { frame, problems } = translate(snapshotOf([configMap]), options, surroundings)
  return [frame.debugConnections, problems.map(({ code }) => code)]
}

test('what of debug-connections can be read goes into the frame, where NGINX can do it', () => {
  expect(read(true)).toEqual([['192.0.2.1', '2001:db8::/32'], ['configmap/invalid-value']])
})

test('an NGINX that was built without debugging has none, and says so', () => {
  expect(read(false)).toEqual([undefined, ['configmap/invalid-value', 'configmap/without-effect']])
})
