import { expect, test } from 'vitest'
import { describePlace } from './locate.js'

test('a place is file, line and column; what has none in its file is the file', () => {
  expect(describePlace({ file: 'k8s/a.yaml', line: 3, column: 7 })).toBe('k8s/a.yaml:3:7')
  expect(describePlace({ file: 'k8s/a.yaml', line: 0, column: 0 })).toBe('k8s/a.yaml')
})
