import { expect, test } from 'vitest'
import { parseQuestion } from './question.js'

test.each([
  ['user and password stay with the client', 'http://u:p@a.test/', 'a.test'],
  ['a user with an @', 'http://u@v@a.test:8080/', 'a.test:8080'],
  ['a name beyond ASCII', 'http://ä.test/', 'xn--4ca.test'],
  ['with a port', 'http://u@ä.test:80/', 'xn--4ca.test:80'],
  ['the case of a name in ASCII', 'http://A.test:/', 'A.test:'],
])('what clients send of the host: %s', (_fact, url, host) => {
  expect(parseQuestion({ url, headers: [], cookies: [] })).toMatchObject({ host })
})

test('a name that no client could send is no URL', () => {
  expect(parseQuestion({ url: 'http://ä b.test/', headers: [], cookies: [] })).toMatch(/is not a URL/)
})
