import { describe, expect, it } from 'vitest'
import { openssl } from '../../test/support/certificates.js'
import * as der from './der.js'

describe('DER (X.690)', () => {
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
  it.each([
    ['an empty sequence', der.sequence(), '3000'],
    ['a sequence of two', der.sequence(der.boolean(true), der.nullValue()), '30050101ff0500'],
    ['a set', der.set(der.boolean(false)), '3103010100'],
    ['zero', der.integer(bytes('0000')), '020100'],
    ['an integer without leading zeros', der.integer(bytes('00007f')), '02017f'],
    ['an integer whose top bit is set stays positive', der.integer(bytes('80')), '02020080'],
    ['a bit string', der.bitString(bytes('a0'), 5), '030205a0'],
    ['a UTF-8 string', der.utf8String('é'), '0c02c3a9'],
    ['an object identifier', der.objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    ['an object identifier whose first byte is two', der.objectIdentifier('2.999.3'), '0603883703'],
    ['a time before 2050', der.time(Date.UTC(2049, 11, 31, 23, 59, 59)), `170d${hexOf('491231235959Z')}`],
    ['a time from 2050', der.time(Date.UTC(2050, 0, 1)), `180f${hexOf('20500101000000Z')}`],
    ['a time before 1950', der.time(Date.UTC(1949, 11, 31)), `180f${hexOf('19491231000000Z')}`],
    ['an implicit tag', der.context(2, Buffer.from('a'), false), '820161'],
    ['an explicit tag', der.context(0, der.nullValue(), true), 'a0020500'],
  ])('%s', (_, value, hex) => {
    expect(value.toString('hex')).toBe(hex)
  })

  it.each([0, 127, 128, 255, 256, 65_535, 65_536])('a length of %d, as openssl reads it', (length) => {
    const value = der.sequence(der.octetString(Buffer.alloc(length)))
    const text = openssl(['asn1parse', '-inform', 'DER'], value)
    expect(text).toMatch(new RegExp(`l= *${length} prim: *OCTET STRING`))
  })
})

function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}
