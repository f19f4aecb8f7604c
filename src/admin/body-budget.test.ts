import { expect, test } from 'vitest'
import { createBodyBudget, type Receiving } from './body-budget.js'

test('beyond the bound the longest body is refused, and what has ended counts no longer', () => {
  const refused: string[] = []
  const { receive } = createBodyBudget(100)
  const begin = (name: string): Receiving => receive(() => refused.push(name))
  const [long, short, ended] = [begin('long'), begin('short'), begin('ended')]
  long.grow(60)
  ended.grow(30)
  short.grow(10)
  expect(refused).toEqual([])
  ended.end()
  short.grow(30)
  expect(refused).toEqual([])
  short.grow(5)
  expect(refused).toEqual(['long'])
  // Who was refused and who has ended takes nothing any more.
  long.grow(1000)
  ended.grow(1000)
  short.grow(55)
  expect(refused).toEqual(['long'])
  short.grow(1)
  expect(refused).toEqual(['long', 'short'])
})
