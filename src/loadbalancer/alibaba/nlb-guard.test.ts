import { expect, test } from 'vitest'
import { networkOf } from './nlb-guard.js'

test.each([
  ['10.1.2.3/8', '10.0.0.0/8'],
  // Kubernetes takes both, and the cloud tells them in the usual form: a rule that seems another one would be taken out.
  ['10.0.0.0/08', '10.0.0.0/8'],
  [' 192.0.2.0/24 ', '192.0.2.0/24'],
  ['192.0.2.1', '192.0.2.1/32'],
  ['2001:DB8::1/32', '2001:db8::/32'],
  ['10.0.0.0-10.0.0.9', undefined],
  ['10.0.0/8', undefined],
])('a source range as a rule of a security group: %s', (text, network) => {
  expect(networkOf(text)).toBe(network)
})
