import { expect, test } from 'vitest'
import { findEngine } from './find.js'

test.each([
  ['/nowhere/nginx', /^\/nowhere\/nginx does not exist\./],
  ['/etc/passwd/nginx', /^\/etc\/passwd\/nginx cannot be looked at \(ENOTDIR: /],
])('an NGINX that is named and cannot be had: %s', async (path, sentence) => {
  const found = await findEngine({ explicit: undefined, environment: { FAIRLEAD_NGINX: path } })
  expect(found.ok ? '' : found.message).toMatch(sentence)
})
