import { expect, test } from 'vitest'
import { createNginxFamilies, parseConnections, readNginxProcesses, type NginxProcessUse } from './nginx-families.js'

test('the counters that stub_status prints', () => {
  const text = 'Active connections: 7 \nserver accepts handled requests\n 10 9 31 \nReading: 1 Writing: 2 Waiting: 4 \n'
  const all = { active: 7, accepted: 10, handled: 9, requests: 31, reading: 1, writing: 2, waiting: 4 }
  expect(parseConnections(text)).toEqual(all)
  expect(parseConnections('<html>404</html>')).toBeUndefined()
})

test('a process is found with its figures; none where none runs', () => {
  const [own] = readNginxProcesses(process.pid)
  expect(own?.residentBytes).toBeGreaterThan(1e6)
  expect(own?.startSeconds).toBeLessThanOrEqual(Date.now() / 1000 + 1)
  expect(own?.startSeconds).toBeGreaterThan(1e9)
  expect(readNginxProcesses(undefined)).toEqual([])
})

test('counters go on when one worker takes the place of another (section 2.4)', () => {
  const families = createNginxFamilies([])
  const one = (pid: number, cpuSeconds: number): NginxProcessUse => {
    return { pid, cpuSeconds, residentBytes: 1, virtualBytes: 2, startSeconds: pid, readBytes: 0, writeBytes: 0 }
  }
  const cpu = (...processes: readonly NginxProcessUse[]): readonly number[] =>
    families(processes, undefined)
      .filter(({ name }) => name.endsWith('cpu_seconds_total'))
      .flatMap(({ samples }) => [...samples].map(({ value }) => value))
  expect(cpu(one(1, 5), one(2, 3))).toEqual([8])
  expect(cpu(one(1, 6), one(3, 1))).toEqual([10])
  expect(cpu(one(1, 6), one(3, 2))).toEqual([11])
})
