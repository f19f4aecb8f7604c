import { expect, test } from 'vitest'
import { describeFrameChange, frameChangeSentence } from './frame-change.js'

const before = 'http {\n  gzip on;\n  keepalive_requests 100;\n}\n'
const profile = { name: 'p_000000000000', directives: [{ name: 'proxy_buffering', args: ['on'] }] } as const

test('lines that came and went, without those that only moved', () => {
  const after = 'http {\n  keepalive_requests 1000;\n  gzip on;\n}\n'
  expect(describeFrameChange(before, after, [profile], [profile])).toEqual({
    why: 'settings',
    details: ['+ keepalive_requests 1000;', '- keepalive_requests 100;'],
  })
})

test('directives that are used for the first time', () => {
  expect(describeFrameChange(before, before, [], [profile])).toEqual({
    why: 'profiles',
    details: ['profile: proxy_buffering'],
  })
  expect(describeFrameChange(before, `${before}pcre_jit on;`, [], [profile]).why).toBe('both')
})

test('each reason has a sentence of its own', () => {
  const sentences = (['profiles', 'settings', 'both', 'other'] as const).map((why) =>
    frameChangeSentence(3, { why, details: [] }),
  )
  expect(new Set(sentences).size).toBe(4)
  for (const sentence of sentences) expect(sentence).toContain('frame 3')
})
