import { Resolver } from 'node:dns/promises'

// For a program under test (NODE_OPTIONS=--import): names of FAIRLEAD_TEST_NAMES are 127.0.0.1, whatever name servers say.
const names = new Set((process.env.FAIRLEAD_TEST_NAMES ?? '').split(','))
const { resolve4 } = Resolver.prototype

Resolver.prototype.resolve4 = function (name, options) {
  return names.has(name) ? Promise.resolve([{ address: '127.0.0.1', ttl: 60 }]) : resolve4.call(this, name, options)
}
