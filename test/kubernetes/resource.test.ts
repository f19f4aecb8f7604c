import { expect, test } from 'vitest'
import { failureOfStatus } from '../../src/kubernetes/failure.js'
import { resourceName, resourcePath } from '../../src/kubernetes/resource.js'
import { statusBody } from './server.js'

test('paths of resources: core and other groups, of a namespace, of one object, of a part of it', () => {
  const secrets = { group: '', version: 'v1', plural: 'secrets', namespace: '' }
  const ingresses = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses', namespace: 'shop' }
  expect(resourcePath(secrets)).toBe('/api/v1/secrets')
  expect(resourcePath({ ...secrets, namespace: 'shop' }, 'front')).toBe('/api/v1/namespaces/shop/secrets/front')
  expect(resourcePath(ingresses, 'front', 'status')).toBe(
    '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/front/status',
  )
  expect(resourcePath(secrets, '../x?y')).toBe('/api/v1/secrets/..%2Fx%3Fy')
  expect([resourceName(secrets), resourceName(ingresses)]).toEqual(['secrets', 'ingresses.networking.k8s.io'])
})

test('the Status of an ERROR event is a failure, however little it says', () => {
  expect(failureOfStatus(statusBody(429, 'TooManyRequests', 'slow', { retryAfterSeconds: 2 }))).toEqual({
    ok: false,
    status: 429,
    reason: 'TooManyRequests',
    message: 'slow',
    retryAfterSeconds: 2,
  })
  expect(failureOfStatus('nonsense')).toMatchObject({
    ok: false,
    status: 0,
    reason: '',
    message: expect.stringContaining('does not say why'),
  })
})
