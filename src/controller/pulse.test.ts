import { expect, test } from 'vitest'
import { createPulse } from './pulse.js'

test('an NGINX that does not answer is in trouble after twenty seconds, and no more once it answers', async () => {
  let time = 0
  const answers: ((isAnswered: boolean) => void)[] = []
  const pulse = createPulse(
    () => new Promise((resolve) => answers.push(resolve)),
    () => time,
  )
  time = 60_000
  expect(pulse.trouble()).toBeUndefined() // nobody asked yet
  const silent = pulse.beat()
  time += 19_999
  expect(pulse.trouble()).toBeUndefined()
  void pulse.beat()
  expect(answers).toHaveLength(1) // one question at a time
  time += 1
  expect(pulse.trouble()).toBe('NGINX runs, and none of its workers has answered for 20 s')
  answers.shift()?.(false)
  await silent
  time += 5_000
  expect(pulse.trouble()).toContain('for 25 s')
  const last = pulse.beat()
  answers.shift()?.(true)
  await last
  expect(pulse.trouble()).toBeUndefined()
})
