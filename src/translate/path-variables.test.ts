import { expect, test } from 'vitest'
import { parseVariables } from '../request/variables.js'
import { bindVariables } from './path-variables.js'

const names = { namespace: 'ns', ingress: 'in', service: 'svc', port: 80, path: '/p(a)' }
const textOf = (text: string): string =>
  bindVariables({ parts: parseVariables(text) }, names)
    .parts.map((part) => (part.kind === 'text' ? part.text : `<${part.name}>`))
    .join('')

test.each([
  ['$namespace/$ingress_name', 'ns/in'],
  ['${service_name}:$service_port', 'svc:80'],
  ['$location_path', '/p(a)'],
  ['$best_http_host $pass_access_scheme', '<http_host> <scheme>'],
  ['$host $namespaces $toString', '<host> <namespaces> <toString>'],
])('%s', (text, bound) => {
  expect(textOf(text)).toBe(bound)
})

test('what holds no such variable is the same object', () => {
  const settings = { a: [1, { b: parseVariables('$host') }], c: { d: 'namespace' } }
  expect(bindVariables(settings, names)).toBe(settings)
})
