import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.js'
import { contains, parseRange, printIp } from './ip.js'

describe('pools.yaml', () => {
  it('has pools of ranges, CIDRs and single addresses', () => {
    const text = `
mode: layer2
pools:
  - name: public
    addresses: [192.0.2.10-192.0.2.20, 198.51.100.0/28, "2001:db8::/120"]
  - name: shop
    addresses: [203.0.113.7]
    namespaces: [shop]
    autoAssign: false
`
    const parsed = parseConfig(text)
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        mode: 'layer2',
        pools: [
          { name: 'public', namespaces: [], autoAssign: true },
          { name: 'shop', namespaces: ['shop'], autoAssign: false },
        ],
      },
    })
  })

  it('mode nodes needs no pool, and keeps the ports of nodes', () => {
    expect(parseConfig('mode: nodes')).toMatchObject({
      config: { mode: 'nodes', reservedPorts: expect.arrayContaining([22, 6443, 10250]) as number[] },
    })
    expect(parseConfig('{mode: nodes, reservedPorts: [22]}')).toMatchObject({ config: { reservedPorts: [22] } })
  })

  it.each([
    ['', 'mode is missing; expected layer2, external or nodes'],
    ['mode: layer2', 'there is no pool'],
    ['mode: external\npools: []', 'there is no pool'],
    ['mode: layer2\npools: {}', 'pools is no list'],
    ['[', 'it is no YAML'],
    ['mode: bgp', 'expected layer2, external or nodes'],
    ['pool: []', 'there is no key "pool"'],
    ['{mode: nodes, reservedPorts: [0]}', 'no list of ports'],
    ['mode: layer2\npools: [{addresses: [192.0.2.1]}]', 'pools[0] has no name'],
    ['mode: layer2\npools: [{name: a}]', 'pools[0].addresses is no list'],
    ['mode: layer2\npools: [{name: a, addresses: []}]', 'an empty one'],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.300]}]', 'expected 192.0.2.10-192.0.2.20'],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.9-192.0.2.1]}]', 'expected'],
    ['mode: layer2\npools: [{name: a, addresses: ["192.0.2.1-2001:db8::1"]}]', 'expected'],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.0/33]}]', 'expected'],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.1], autoAssign: perhaps}]', 'expected true or false'],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.1], namespaces: shop}]', 'no list of names'],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.1], auto: no}]', 'has a key "auto"'],
    [
      'mode: layer2\npools: [{name: a, addresses: [192.0.2.1]}, {name: a, addresses: [192.0.2.2]}]',
      'two pools have the name a',
    ],
    [
      'mode: layer2\npools: [{name: a, addresses: [192.0.2.0/24]}, {name: b, addresses: [192.0.2.7]}]',
      'a and b have addresses in common',
    ],
    ['mode: layer2\npools: [{name: a, addresses: [192.0.2.0/24, 192.0.2.7]}]', 'the pool a has addresses twice'],
  ])('%s is refused as a whole', (text, sentence) => {
    const parsed = parseConfig(text)
    expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(sentence) as string })
  })
})

it('a CIDR has all its addresses, wherever in it it is written', () => {
  const range = parseRange('198.51.100.17/28')
  expect(range && [printIp('IPv4', range.from), printIp('IPv4', range.to)]).toEqual(['198.51.100.16', '198.51.100.31'])
  const six = parseRange('2001:db8::ff/120')
  expect(six && printIp('IPv6', six.to)).toBe('2001:db8::ff')
  expect(six && contains(six, '2001:DB8:0::1')).toBe(true)
  expect(six && contains(six, '192.0.2.1')).toBe(false)
})
