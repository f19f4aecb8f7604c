import { expect, test } from 'vitest'
import type { Call, CallResult } from '../kubernetes/client.js'
import { createTokenReview } from './token-review.js'

interface Answers {
  readonly review: CallResult
  readonly access?: CallResult
}

const ok = (status: object): CallResult => ({ ok: true, status: 201, body: { status } })
const failed: CallResult = { ok: false, status: 0, reason: '', message: 'no answer' }
const known = ok({ authenticated: true, user: { username: 'ann', groups: ['dev'], uid: '7' } })

function reviewer({ review, access = failed }: Answers) {
  const calls: Call[] = []
  let now = 0
  const judge = createTokenReview(
    {
      call(call) {
        calls.push(call)
        return Promise.resolve(call.path.endsWith('/tokenreviews') ? review : access)
      },
    },
    () => now,
  )
  return { judge, calls, later: (milliseconds: number) => (now += milliseconds) }
}

test('who may get /fairlead is let in, and asked about once a minute', async () => {
  const { judge, calls, later } = reviewer({ review: known, access: ok({ allowed: true }) })
  expect(await judge('secret')).toBe('allowed')
  expect(await judge('secret')).toBe('allowed')
  expect(calls).toHaveLength(2)
  expect(calls[1]?.body).toMatchObject({
    spec: { user: 'ann', groups: ['dev'], nonResourceAttributes: { path: '/fairlead', verb: 'get' } },
  })
  later(60_001)
  await judge('secret')
  expect(calls).toHaveLength(4)
})

test('who may not, and a token of nobody, are refused', async () => {
  expect(await reviewer({ review: known, access: ok({ allowed: false }) }).judge('t')).toBe('refused')
  expect(await reviewer({ review: ok({ authenticated: false }) }).judge('t')).toBe('refused')
  expect(await reviewer({ review: ok({}) }).judge('t')).toBe('refused')
})

test('where the API server does not answer nobody is let in, and it is asked again', async () => {
  const { judge, calls } = reviewer({ review: failed })
  expect(await judge('t')).toBe('unknown')
  expect(await judge('t')).toBe('unknown')
  expect(calls).toHaveLength(2)
  expect(await reviewer({ review: known }).judge('t')).toBe('unknown')
})
