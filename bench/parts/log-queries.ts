import { hrtime } from 'node:process'
import { openRawStore } from '../../src/observe/logs/raw/store.js'
import type { Query } from '../../src/observe/analytics.js'
import type { Figure } from '../figure.js'

/** What the panels of the boards ask (ack.md 5), of all lines. */
const QUESTIONS: readonly Omit<Query, 'from' | 'to'>[] = [
  { figures: ['requests', 'visitors', 'requestBytes', 'bytesSent', 'latencyAverage', 'serverErrorShare'] },
  { figures: ['latencyAverage', 'latencyP95', 'latencyP99', 'latencyP999'] },
  { figures: ['requests'], stepSeconds: 300 },
  { figures: ['requests'], groupBy: ['host', 'path'], limit: 10 },
  { figures: ['latencyAverage'], groupBy: ['host', 'path'], limit: 10 },
  { figures: ['serverErrors'], groupBy: ['host', 'path'], limit: 10 },
  { figures: ['requests', 'latencyP99'], groupBy: ['service'], limit: 10 },
  { figures: ['requests'], groupBy: ['browser'], limit: 10 },
  { figures: ['requests'], groupBy: ['client'], limit: 10 },
]

/** The slowest of them, the second time that it is asked, and what of it was work. */
export async function measureQueries(folder: string): Promise<readonly Figure[]> {
  const store = await openRawStore({ folder, threads: 2, now: Date.now, say: () => undefined })
  const { lines, oldest = 0, newest = 0 } = store.state()
  let slowest = 0
  let most = 0
  for (const question of QUESTIONS) {
    const query: Query = { from: oldest, to: newest + 1, ...question }
    await store.query(query)
    const began = hrtime.bigint()
    const before = process.cpuUsage()
    const answer = await store.query(query)
    const used = process.cpuUsage(before)
    if (!answer.ok) throw new Error(answer.message)
    slowest = Math.max(slowest, Number(hrtime.bigint() - began) / 1e9)
    most = Math.max(most, (used.user + used.system) / 1e6)
  }
  await store.close()
  const note = `${lines} lines`
  return [
    {
      id: 'logs/query-slowest',
      what: 'the slowest of the questions of the boards, to the lines',
      unit: 's',
      value: slowest,
      goal: { atMost: 1, aim: 0.5 },
      note,
    },
    { id: 'logs/query-cpu', what: 'CPU of the one that takes most', unit: 's', value: most, note },
  ]
}
