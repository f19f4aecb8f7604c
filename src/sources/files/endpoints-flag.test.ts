import { expect, test } from 'vitest'
import { parseEndpointsFlag } from './endpoints-flag.js'

const passes: [text: string, value: object][] = [
  [
    'shop/cart=127.0.0.1:9001,127.0.0.1:9002',
    {
      namespace: 'shop',
      service: 'cart',
      port: undefined,
      endpoints: [
        { address: '127.0.0.1', port: 9001 },
        { address: '127.0.0.1', port: 9002 },
      ],
    },
  ],
  ['shop/cart:http=[::1]:9001', { port: 'http', endpoints: [{ address: '::1', port: 9001 }] }],
  ['shop/cart:80=10.0.0.1:65535', { port: '80', endpoints: [{ address: '10.0.0.1', port: 65_535 }] }],
  ['a/b= 127.0.0.1:1 , [::1]:2', { endpoints: [{ port: 1 }, { port: 2 }] }],
]
test.each(passes)('taken: %s', (text, value) => {
  const parsed = parseEndpointsFlag(text)
  expect(parsed.ok ? parsed.value : parsed.message).toMatchObject(value)
})

const refused: [fact: string, text: string][] = [
  ['nothing', ''],
  ['no endpoints', 'shop/cart'],
  ['an empty list', 'shop/cart='],
  ['no namespace', 'cart=127.0.0.1:9001'],
  ['a host name', 'shop/cart=localhost:9001'],
  ['no port', 'shop/cart=127.0.0.1'],
  ['port 0', 'shop/cart=127.0.0.1:0'],
  ['a port that is too large', 'shop/cart=127.0.0.1:65536'],
  ['an octal address', 'shop/cart=010.0.0.1:80'],
  ['IPv6 without brackets', 'shop/cart=::1:9001'],
  ['IPv4 in brackets', 'shop/cart=[127.0.0.1]:9001'],
  ['an IPv6 zone', 'shop/cart=[fe80::1%eth0]:9001'],
  ['a comma at the end', 'shop/cart=127.0.0.1:9001,'],
  ['an empty Service port', 'shop/cart:=127.0.0.1:9001'],
]
test.each(refused)('refused: %s', (_fact, text) => {
  const parsed = parseEndpointsFlag(text)
  expect(parsed.ok).toBe(false)
  expect(parsed.ok ? '' : parsed.message).toContain(`--endpoints ${text}`)
})
