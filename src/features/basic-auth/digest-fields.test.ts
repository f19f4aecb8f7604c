import { describe, expect, test } from 'vitest'
import { readFields } from './digest-fields.js'

const REST = 'realm="r", nonce="n", uri="/x?a=b,c", response="00", qop=auth, nc=0000000a, cnonce="c"'

describe('what clients say in a digest (RFC 2617, 3.2.2)', () => {
  test.each<readonly [fact: string, text: string, username: string]>([
    ['as they write it', `username="ann", ${REST}`, 'ann'],
    ['without blanks', `username="ann",${REST.replaceAll(', ', ',')}`, 'ann'],
    ['with tabs, and names in any case', `USERNAME \t= "ann"\t,\t${REST}`, 'ann'],
    [
      'quotes where there need be none',
      `username="ann", algorithm="MD5", ${REST.replace('qop=auth', 'qop="auth"')}`,
      'ann',
    ],
    ['escapes', String.raw`username="a\"n\\n", ${REST}`, String.raw`a"n\n`],
    ['bytes', `username="j\u00c3\u00bcrg", ${REST}`, 'j\u00c3\u00bcrg'],
    ['a comma at the end', `username="ann", ${REST},`, 'ann'],
    ['what nobody knows', `username="ann", opaque="", userhash=false, ${REST}`, 'ann'],
    ['names of JavaScript', `username="ann", constructor=x, __proto__=y, ${REST}`, 'ann'],
  ])('%s', (_, text, username) => {
    expect(readFields(text)).toEqual({
      username,
      realm: 'r',
      nonce: 'n',
      uri: '/x?a=b,c',
      response: '00',
      nc: '0000000a',
      cnonce: 'c',
    })
  })

  test.each([
    '',
    ',',
    'username',
    'username=',
    'username="ann',
    String.raw`username="ann\"`,
    `username="ann"x, ${REST}`,
    `username="ann" ${REST}`,
    `username="ann", username="bob", ${REST}`,
    REST,
    ...['realm', 'nonce', 'uri', 'response', 'qop', 'nc', 'cnonce'].map(
      (name) => `username="ann", ${REST.replace(`${name}=`, `x${name}=`)}`,
    ),
    `username="ann", ${REST.replace('0000000a', '0000000g')}`,
    `username="ann", ${REST.replace('0000000a', 'a')}`,
    `username="ann", ${REST.replace('qop=auth', 'qop=auth-int')}`,
    `username="ann", algorithm=MD5-sess, ${REST}`,
    `username="ann", ${REST}, ${Array.from({ length: 20 }, (_, i) => `x${i}=1`).join(', ')}`,
  ])('nothing is read of %j', (text) => {
    expect(readFields(text)).toBeUndefined()
  })
})
