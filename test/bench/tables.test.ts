import { isIPv4 } from 'node:net'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { deal, drawnHosts, endpointAddresses, hostName } from '../../bench/hosts.js'
import { configMap, objectsOfHost, printObjects, secret } from '../../bench/manifests.js'
import { printTable } from '../../bench/text-table.js'
import { printYaml } from '../../bench/yaml.js'

describe('hosts', () => {
  test('50,000 endpoints have 50,000 addresses, all of this machine', () => {
    const addresses = Array.from({ length: 10_000 }, (_, index) => endpointAddresses(index)).flat()
    expect(new Set(addresses).size).toBe(50_000)
    expect(addresses.filter((address) => !address.startsWith('127.') || !isIPv4(address))).toEqual([])
  })

  test('200 hosts are drawn, spread over the table; all of a small one', () => {
    expect(drawnHosts(1)).toEqual([0])
    expect(drawnHosts(3)).toEqual([0, 1, 2])
    const drawn = drawnHosts(10_000)
    expect(new Set(drawn).size).toBe(200)
    expect(drawn.slice(0, 3)).toEqual([0, 50, 100])
    expect(drawn.at(-1)).toBe(9_950)
  })

  test('names are of one length: the same request is as long for every host', () => {
    expect(hostName(0)).toHaveLength(hostName(9_999).length)
  })

  test('every process of the generator gets hosts, and together they get all', () => {
    expect(deal([1, 2, 3, 4, 5], 2)).toEqual([
      [1, 3, 5],
      [2, 4],
    ])
    expect(deal([1], 3)).toEqual([[1], [1], [1]])
  })
})

describe('manifests', () => {
  const objects = [
    ...objectsOfHost(7, { backendPort: 9000, annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' } }),
    configMap({ 'keep-alive': '75' }),
    secret('tls', '-----BEGIN CERTIFICATE-----\nabc\n', '-----BEGIN PRIVATE KEY-----\ndef\n'),
  ]

  test('a reader of YAML finds what was written', () => {
    const documents = parseAllDocuments(printObjects(objects, 'yaml'))
    expect(documents.map((document) => ('toJS' in document ? document.toJS() : undefined))).toEqual(objects)
  })

  test('and one of JSON too', () => {
    expect(JSON.parse(printObjects(objects, 'json'))).toMatchObject({ kind: 'List', items: objects })
  })

  test.each([
    { text: 'true', number: 5, nothing: null, digits: '010', switch: 'on', blank: '', colon: 'a: b', hash: 'a #b' },
    { empty: {}, none: [], list: ['a', '- b', 3], nested: [{ a: { b: [{ c: 'd' }] }, e: 'f' }], '127.0.0.1': '1e3' },
  ])('words that YAML would take for something else stay texts: %j', (value) => {
    expect(parse(printYaml(value))).toEqual(value)
  })
})

test('a table: columns as wide as their widest cell, numbers to the right, no blanks at the end', () => {
  const columns = [
    { title: 'what', align: 'left' },
    { title: 'n', align: 'right' },
    { title: '', align: 'left' },
  ] as const
  expect(
    printTable(columns, [
      ['a longer one', '7', '!'],
      ['b', '1234'],
    ]),
  ).toBe(['what             n', '------------  ----  -', 'a longer one     7  !', 'b             1234', ''].join('\n'))
})
