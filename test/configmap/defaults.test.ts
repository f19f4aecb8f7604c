import { expect, test } from 'vitest'
import { defaultFrameSettings } from '../../src/frame/frame.js'
import { readKeys } from '../../src/configmap/read.js'
import { parseObject } from '../../src/snapshot/parse.js'

test('CM-8: ciphers by default, in this order', () => {
  expect(defaultFrameSettings.sslCiphers).toEqual([
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'DHE-RSA-AES256-GCM-SHA384',
    'DHE-RSA-AES128-GCM-SHA256',
  ])
})

test('CM-9: what is compressed by default, beside text/html', () => {
  const metadata = { namespace: 'a', name: 'b' }
  const { object } = parseObject(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'use-gzip': 'true' } },
    undefined,
  )
  if (object?.kind !== 'ConfigMap') throw new Error('no ConfigMap')
  expect(readKeys(object).frame.gzip?.types.toSorted()).toEqual([
    'application/atom+xml',
    'application/javascript',
    'application/json',
    'application/rss+xml',
    'application/vnd.ms-fontobject',
    'application/x-font-ttf',
    'application/x-javascript',
    'application/x-web-app-manifest+json',
    'application/xhtml+xml',
    'application/xml',
    'font/opentype',
    'image/svg+xml',
    'image/x-icon',
    'text/css',
    'text/javascript',
    'text/plain',
    'text/x-component',
  ])
})
