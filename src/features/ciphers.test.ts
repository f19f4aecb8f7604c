import { describe, expect, test } from 'vitest'
import { openssl } from '../../test/support/certificates.js'
import { suitesOf } from './ciphers.js'

describe('a list of ciphers', () => {
  test.each([
    ['names', 'ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA', ['AES256-SHA', 'ECDHE-RSA-AES128-GCM-SHA256']],
    [
      'what all words of an item have',
      'ECDHE+AESGCM+aECDSA',
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ],
    ['less what is taken away', 'kRSA+AES:-SHA', ['AES128-GCM-SHA256', 'AES256-GCM-SHA384']],
    ['what is taken away can come back', 'AES256-SHA:-AES:AES256-SHA', ['AES256-SHA']],
    ['what is forbidden cannot', 'AES256-SHA:!AES:AES256-SHA', []],
    ['and neither later', '!RSA:AES256-SHA', []],
    ['strength and level choose nothing', '@STRENGTH:@SECLEVEL=1', []],
    ['nor does what nobody knows', 'NOBODY:ECDHE+NOBODY', []],
    ['with a level at its end', 'AES256-SHA@SECLEVEL=0', ['AES256-SHA']],
    ['moved to the end', 'AES256-SHA:+AES', ['AES256-SHA']],
  ] as const)('%s', (_fact, list, expected) => {
    expect([...suitesOf(list)].toSorted()).toEqual(expected)
  })

  test('is what OpenSSL makes of it, as far as these suites go', () => {
    const known = suitesOf('ALL')
    for (const list of [
      'ALL',
      'HIGH:!aNULL:!MD5',
      'HIGH:!aNULL:!kRSA:!SHA1',
      'EECDH+AESGCM:EDH+AESGCM',
      'ECDHE+CHACHA20:DHE:!AESGCM',
      'ECDSA:-AES128',
      'TLSv1.2+AES256',
      'aRSA+AES128:!DHE:@STRENGTH',
      'ECDHE-RSA-AES256-SHA:RSA+AES',
    ]) {
      const printed = openssl(['ciphers', '-s', '-tls1_2', list]).trim().split(':')
      expect([list, [...suitesOf(list)].toSorted()]).toEqual([
        list,
        printed.filter((name) => known.has(name)).toSorted(),
      ])
    }
  })
})
