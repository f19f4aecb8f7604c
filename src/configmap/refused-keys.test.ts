import { expect, test } from 'vitest'
import { readGlobalSettings } from '../translate/configmap.js'
import { withoutRefused } from './refused-keys.js'

const refused = new Map([['ssl-ciphers', new Map([['ALL:@SECLEVEL=5', 'SSL_CTX_set_cipher_list failed.']])]])

function configMap(data: Readonly<Record<string, string>>): Parameters<typeof withoutRefused>[0] & object {
  return { kind: 'ConfigMap', namespace: 'ingress-nginx', name: 'main', data } as never // no more of it is read
}

test('CM-5 a text that NGINX refused costs its own key, the text before stays', () => {
  const taken = new Map([['ssl-ciphers', 'HIGH']])
  const { used, problems } = withoutRefused(configMap({ 'ssl-ciphers': 'ALL:@SECLEVEL=5', hsts: 'false' }), {
    refused,
    taken,
  })
  expect(used?.data).toEqual({ 'ssl-ciphers': 'HIGH', hsts: 'false' })
  expect(problems).toEqual([
    {
      key: 'ssl-ciphers',
      kind: 'unreadable',
      message: 'NGINX refuses the value "ALL:@SECLEVEL=5" (SSL_CTX_set_cipher_list failed); "HIGH" stays in force.',
    },
  ])
})

test('CM-5 the default holds where no text was taken, or the one before is refused too', () => {
  const written = configMap({ 'ssl-ciphers': 'ALL:@SECLEVEL=5' })
  for (const taken of [new Map<string, string>(), new Map([['ssl-ciphers', 'ALL:@SECLEVEL=5']])]) {
    const { used, problems } = withoutRefused(written, { refused, taken })
    expect(used?.data).toEqual({})
    expect(problems[0]?.message).toContain('is used.')
  }
})

test('an address that NGINX cannot have opens no other one than that of this machine', () => {
  const tried = { refused: new Map([['bind-address', new Map([['192.0.2.1', 'bind() failed.']])]]), taken: new Map() }
  const { used, problems } = withoutRefused(configMap({ 'bind-address': '192.0.2.1' }), tried)
  expect(used?.data).toEqual({ 'bind-address': '127.0.0.1' })
  expect(problems[0]?.message).toContain('nothing but 127.0.0.1 is listened on.')
})

test('another text for the key is not refused', () => {
  const written = configMap({ 'ssl-ciphers': 'HIGH' })
  expect(withoutRefused(written, { refused, taken: new Map() })).toEqual({ used: written, problems: [] })
})

test('the value of a key that is secret is not shown', () => {
  const key = 'ssl-session-ticket-key'
  const tried = { refused: new Map([[key, new Map([['sesame', 'it is bad.']])]]), taken: new Map([[key, 'open']]) }
  const { problems } = withoutRefused(configMap({ [key]: 'sesame' }), tried)
  expect(problems[0]?.message).toBe('NGINX refuses the value (it is bad); the value before stays in force.')
})

test('the keys that NGINX depends on are those of its file, as they are used', () => {
  const { value } = readGlobalSettings(
    configMap({ 'ssl-ciphers': 'HIGH', 'block-cidrs': '192.0.2.0/24', nonsense: 'x' }),
  )
  expect([...value.frameTexts]).toEqual([['ssl-ciphers', 'HIGH']])
})
