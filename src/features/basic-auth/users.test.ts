import { describe, expect, test } from 'vitest'
import { passwordVectors } from '../../../test/support/password-vectors.js'
import { whyUncheckable } from './password-hashes.js'
import { type LoginKind, readUsers, type SecretForm } from './users.js'

const HASH = '$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0'
const HA1 = '0123456789abcdef0123456789ABCDEF'

function read(data: Readonly<Record<string, string>>, form: SecretForm = 'auth-file', kind: LoginKind = 'basic') {
  const bytes = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'utf8')])
  return readUsers({ data: Object.fromEntries(bytes) }, form, kind)
}

describe('a file of htpasswd (BAS-3)', () => {
  test.each<readonly [fact: string, file: string, users: Readonly<Record<string, string>>, faults: readonly string[]]>([
    ['a line', `ann:${HASH}`, { ann: HASH }, []],
    ['line ends of all kinds', `ann:${HASH}\r\nbob:${HASH}\n\neve:${HASH}\r`, { ann: HASH, bob: HASH, eve: HASH }, []],
    ['a comment behind the hash', `ann:${HASH}:of the board`, { ann: HASH }, []],
    ['a line of comment', `# ann:${HASH}\nbob:${HASH}`, { bob: HASH }, []],
    ['blanks belong to a name', ` ann :${HASH}`, { ' ann ': HASH }, []],
    ['names are bytes', `j\u00fcrg:${HASH}`, { 'j\u00c3\u00bcrg': HASH }, []],
    ['the first line of a user counts', `ann:${HASH}\nann:{PLAIN}x`, { ann: HASH }, []],
    ['also if it has no hash', `ann:\nann:{PLAIN}x`, {}, ['line 1 has no hash']],
    [
      'also if its hash is broken',
      `ann:$1$x\nann:{PLAIN}x`,
      {},
      ['line 1 has a hash of a kind that is not known here, or a broken one'],
    ],
    ['no name', `:${HASH}`, {}, ['line 1 is not of the form user:hash']],
    ['no colon', `ann\nbob:${HASH}`, { bob: HASH }, ['line 1 is not of the form user:hash']],
    [
      'names of JavaScript',
      `constructor:${HASH}\n__proto__:${HASH}`,
      Object.fromEntries([
        ['constructor', HASH],
        ['__proto__', HASH],
      ]),
      [],
    ],
    ['nothing', '', {}, []],
  ])('%s', (_, auth, users, faults) => {
    expect(read({ auth })).toEqual({ ok: true, users, faults })
  })

  test('BAS-2: without the key auth there is none, also if objects of JavaScript have one', () => {
    expect(read({ ann: HASH }).ok).toBe(false)
    const data = Object.create({ auth: Buffer.from(`ann:${HASH}`) }) as Record<string, Buffer> // it is one
    expect(readUsers({ data }, 'auth-file', 'basic').ok).toBe(false)
  })

  test('one that is too large is refused', () => {
    expect(read({ auth: `ann:${HASH}\n`.repeat(200_000) }).ok).toBe(false)
  })
})

test('BAS-3: a key for each user; what follows a line end or a colon does not count', () => {
  expect(read({ ann: `${HASH}\nroot:{PLAIN}x`, bob: `${HASH}:note`, eve: '' }, 'auth-map')).toEqual({
    ok: true,
    users: { ann: HASH, bob: HASH },
    faults: ['key eve has no hash'],
  })
})

test('BAS-7: HA1 by user and realm', () => {
  const auth = `ann:Members only:${HA1}\nann:Other:${HA1}\nbob:${HASH}\neve:Members only:xyz\neve:Members only:${HA1}`
  expect(read({ auth }, 'auth-file', 'digest')).toEqual({
    ok: true,
    users: { 'ann:Members only': HA1.toLowerCase(), 'ann:Other': HA1.toLowerCase() },
    faults: ['line 3', 'line 4'].map((line) => `${line} has no HA1 of 32 hexadecimal digits behind its realm`),
  })
  expect(read({ ann: `Members only:${HA1}` }, 'auth-map', 'digest')).toMatchObject({
    users: { 'ann:Members only': HA1.toLowerCase() },
  })
})

describe('hashes (BAS-3)', () => {
  test.each(passwordVectors)('%s of %j can be checked', (_, _password, hash) => {
    expect(whyUncheckable(hash)).toBeUndefined()
  })

  test.each([
    '',
    'secret',
    '$2y$10$short',
    '$2x$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u',
    '$2y$03$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u',
    '$2y$15$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u',
    '$2y$31$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u',
    '$5$rounds=1000001$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.',
    '$5$saltstring$C3o4O1TC6aRHF4FI',
    '$6$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7',
    '$1$saltsalts$9xy1btjgzLYfb7hivXtC//',
    '*0',
    '*1',
    '!!',
    '{SHA}short',
    '{MD5}5en6G6MezRroT3XKqkdPOg==',
    'abNANd1rDfiN\u0000',
  ])('%j cannot', (hash) => {
    expect(whyUncheckable(hash)).toBeTypeOf('string')
  })
})
