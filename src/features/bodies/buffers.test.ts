import { expect, test } from 'vitest'
import { findConflict } from './buffers.js'

const K = 1024
const none = { number: undefined, bytes: undefined, busyBytes: undefined, temporaryBytes: undefined }

test.each([
  ['nothing said', {}],
  ['three buffers: two busy, one free', { number: 3 }],
  ['two buffers, one busy', { number: 2, busyBytes: 4 * K }],
  ['large buffers', { bytes: 256 * K }],
  ['busy up to all but one', { number: 8, bytes: 16 * K, busyBytes: 112 * K }],
  ['no file', { temporaryBytes: 0 }],
  ['a file of one buffer', { bytes: 8 * K, temporaryBytes: 8 * K }],
])('PRX-9: NGINX takes %s', (_fact, buffers) => {
  expect(findConflict({ ...none, ...buffers })).toBeUndefined()
})

test.each([
  ['one buffer', { number: 1 }, 'proxy-buffers-number'],
  ['two buffers, both busy', { number: 2 }, 'proxy-buffers-number'],
  ['busy less than one', { busyBytes: 4095 }, 'proxy-busy-buffers-size'],
  ['none free', { number: 4, busyBytes: 12 * K + 1 }, 'proxy-busy-buffers-size'],
  ['no bytes', { bytes: 0 }, 'proxy-buffer-size'],
  ['a file smaller than a buffer', { temporaryBytes: 1 }, 'proxy-max-temp-file-size'],
  ['more memory than an answer may have', { number: 10_000, bytes: 8 * K }, 'proxy-buffer-size'],
])('PRX-9: %s is refused', (_fact, buffers, annotation) => {
  expect(findConflict({ ...none, ...buffers })?.annotation).toBe(annotation)
})
