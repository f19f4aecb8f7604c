import { expect, test } from 'vitest'
import { wordsOf } from './explanation-words.js'

test('a row for each header: a value as it is sent, words in brackets', () => {
  const { rows } = wordsOf({
    outcome: { kind: 'proxy', backend: 'a/b/80', endpoints: [], choice: 'in turn' },
    headers: [
      { name: 'Host', kind: 'sent', value: 'a.test' },
      { name: 'X-Real-IP', kind: 'described', words: "the client's address" },
      { name: 'Authorization', kind: 'removed' },
    ],
    competitors: [],
  })
  const first = rows.findIndex(({ name }) => name === 'headers')
  expect(rows.slice(first)).toEqual([
    { name: 'headers', text: 'Host: a.test' },
    { name: '', text: "X-Real-IP: (the client's address)" },
    { name: '', text: 'Authorization removed' },
  ])
})
