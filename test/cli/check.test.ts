import { expect, test } from 'vitest'
import { folderWith, ingressText, run } from './run.js'

test('check says one thing of each fault, as text, and promises nothing that was before', async () => {
  const spec = { ingressClassName: 'nginx' }
  const folder = folderWith({
    'five.json': ingressText('five', 'five.test', spec).replace('"name":"app"', '"name":5'),
    'a\u001b[31m\nb.yaml': '{',
  })
  const { out } = await run(['check', folder])
  expect(out).toContain('service.name is the number 5; expected a string')
  expect(out).not.toContain('is missing')
  expect(out).not.toContain('stays in force')
  expect(out).toContain('a\\x1b[31m\\x0ab.yaml:1:')
  expect(out).not.toContain('\u001b')
})
