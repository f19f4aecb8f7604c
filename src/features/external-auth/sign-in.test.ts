import { expect, test } from 'vitest'
import { signInOf } from './sign-in.js'

test.each([
  ['https://sso.test', 'rd', '?rd='],
  ['https://sso.test/start', 'rd', '?rd='],
  ['https://sso.test/start?', 'rd', 'rd='],
  ['https://sso.test/start?a=b', 'rd', '&rd='],
  ['https://sso.test/start?rd=', 'rd', '&rd='],
  ['https://sso.test/start?xrd=y', 'rd', '&rd='],
  ['https://sso.test/start?a=rd=x', 'rd', '&rd='],
  ['https://sso.test/start?rd=$escaped_request_uri', 'rd', undefined],
  ['https://sso.test/start?a=b&rd=x', 'rd', undefined],
  ['https://sso.test/start?rd=x', 'back', '&back='],
])('EXT-3: %s gets the parameter %s by %s', (url, parameter, returnBy) => {
  expect(signInOf(url, parameter).returnBy).toBe(returnBy)
})
