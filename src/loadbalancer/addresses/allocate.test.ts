import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocate, mayShare, type Holding } from './allocate.js'
import { parseConfig, type Pool } from './config.js'
import type { AddressRequest } from './request.js'

function pools(text: string): readonly Pool[] {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.config.pools
}

const some = pools(`
mode: external
pools:
  - {name: public, addresses: [192.0.2.1-192.0.2.3, "2001:db8::1-2001:db8::2"]}
  - {name: shop, addresses: [203.0.113.7], namespaces: [shop]}
  - {name: kept, addresses: [198.51.100.1-198.51.100.2], autoAssign: false}
`)

function request(fields: Partial<AddressRequest> = {}): AddressRequest {
  const share = { key: '', ports: ['80/TCP'], localTo: '' }
  return {
    namespace: 'x',
    families: ['IPv4'],
    stack: 'as many as there are',
    addresses: [],
    pool: '',
    share,
    ...fields,
  }
}

function holder(key: string, address: string, share = request().share): Holding {
  return { key, uid: key, addresses: [address], share }
}

const told = (sentence: string): object => ({ ok: false, message: expect.stringContaining(sentence) as string })

describe('which address a Service gets', () => {
  it('the first that is free', () => {
    expect(allocate(request(), [], some, [holder('a', '192.0.2.1')])).toEqual({ ok: true, addresses: ['192.0.2.2'] })
  })

  it('the one that it has, as long as it may', () => {
    expect(allocate(request(), ['192.0.2.3'], some, [])).toEqual({ ok: true, addresses: ['192.0.2.3'] })
    expect(allocate(request(), ['192.0.2.9'], some, []), 'it is in no pool').toMatchObject({ addresses: ['192.0.2.1'] })
    expect(allocate(request(), ['203.0.113.7'], some, []), 'of another namespace').toMatchObject({
      addresses: ['192.0.2.1'],
    })
    expect(allocate(request(), ['198.51.100.1'], some, []), 'not by itself').toMatchObject({ addresses: ['192.0.2.1'] })
    const others = [holder('a', '192.0.2.3')]
    expect(allocate(request(), ['192.0.2.3'], some, others), 'somebody has it').toMatchObject({
      addresses: ['192.0.2.1'],
    })
  })

  it('one of each family that it has', () => {
    const both = request({ families: ['IPv6', 'IPv4'] })
    expect(allocate(both, [], some, [])).toEqual({ ok: true, addresses: ['2001:db8::1', '192.0.2.1'] })
    const full = [holder('a', '2001:db8::1'), holder('b', '2001:db8::2')]
    expect(allocate(both, [], some, full)).toEqual({ ok: true, addresses: ['192.0.2.1'] })
    expect(allocate({ ...both, stack: 'all required' }, [], some, full)).toEqual(told('no free IPv6 address'))
  })

  it('what it asks for, from any pool that its namespace may use', () => {
    const asked = (address: string, namespace = 'x') => request({ namespace, addresses: [address] })
    expect(allocate(asked('198.51.100.2'), ['192.0.2.1'], some, [])).toEqual({ ok: true, addresses: ['198.51.100.2'] })
    expect(allocate(asked('203.0.113.7', 'shop'), [], some, [])).toMatchObject({ ok: true })
    expect(allocate(asked('203.0.113.7'), [], some, [])).toEqual(told('in no pool that Services of the namespace x'))
    expect(allocate(asked('192.0.2.1'), [], some, [holder('shop/a', '192.0.2.1')])).toEqual(
      told('belongs to the Service shop/a'),
    )
    expect(allocate(asked('2001:db8::1'), [], some, [])).toEqual(told('An IPv6 address was asked for'))
    expect(allocate(request({ addresses: ['192.0.2.1', '192.0.2.2'] }), [], some, [])).toEqual(
      told('one address of each family'),
    )
  })

  it('of the pool that it names', () => {
    expect(allocate(request({ pool: 'kept' }), [], some, [])).toEqual({ ok: true, addresses: ['198.51.100.1'] })
    expect(allocate(request({ pool: 'none' }), [], some, [])).toEqual(
      told('There is no pool none; there are public, shop, kept'),
    )
    expect(allocate(request({ pool: 'shop' }), [], some, [])).toEqual(told('no free IPv4 address in the pool shop'))
  })

  it('that of those with its sharing key, if ports and nodes agree', () => {
    const share = { key: 'k', ports: ['80/TCP'], localTo: '' }
    const other = { ...share, ports: ['443/TCP'] }
    expect(allocate(request({ share: other }), [], some, [holder('a', '192.0.2.2', share)])).toMatchObject({
      addresses: ['192.0.2.2'],
    })
    expect(allocate(request({ share }), [], some, [holder('a', '192.0.2.2', share)])).toMatchObject({
      addresses: ['192.0.2.1'],
    })
    const asked = { share, addresses: ['192.0.2.2'] }
    expect(allocate(request(asked), [], some, [holder('a', '192.0.2.2', share)])).toEqual(
      told('both have the port 80/TCP'),
    )
    const local = { ...other, localTo: '[["app","x"]]' }
    expect(allocate(request(asked), [], some, [holder('a', '192.0.2.2', local)])).toEqual(told('the same selector'))
  })
})

describe('no double assignment ever', () => {
  const ports = fc.uniqueArray(fc.constantFrom('80/TCP', '443/TCP', '53/UDP'), { minLength: 1 })
  const wish = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    goes: fc.boolean(),
    namespace: fc.constantFrom('x', 'shop'),
    families: fc.constantFrom<AddressRequest['families']>(['IPv4'], ['IPv6'], ['IPv4', 'IPv6']),
    stack: fc.constantFrom<AddressRequest['stack']>('all required', 'as many as there are'),
    addresses: fc.constantFrom<readonly string[]>([], [], ['192.0.2.1'], ['198.51.100.1'], ['2001:db8::1']),
    pool: fc.constantFrom('', '', 'kept', 'none'),
    share: fc.record({ key: fc.constantFrom('', 'k', 'l'), ports, localTo: fc.constantFrom('', 'app') }),
  })

  it('whatever Services ask for, in any order, keep, change and give back', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const held = new Map<string, Holding>()
        for (const { key, goes, ...asked } of wishes) {
          const current = held.get(key)?.addresses ?? []
          held.delete(key)
          if (goes) continue
          const found = allocate(asked, current, some, [...held.values()])
          if (found.ok) held.set(key, { key, uid: key, addresses: found.addresses, share: asked.share })
          for (const [one, other] of pairs([...held.values()])) {
            const common = one.addresses.filter((address) => other.addresses.includes(address))
            if (common.length > 0) expect(mayShare(one.share, other.share)).toBe(true)
          }
        }
      }),
    )
  })
})

function pairs<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other] as const))
}
