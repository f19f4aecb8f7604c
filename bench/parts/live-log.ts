import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseFormat } from '../../src/observe/logs/formats.js'
import { createLiveAnalytics } from '../../src/observe/logs/live.js'
import { createKeeper } from '../../src/observe/logs/raw/keeper.js'
import type { Figure } from '../figure.js'
import { timedLine } from './log-lines.js'

const LINES_A_SECOND = 20_000
const SECONDS = 20
/** The controller looks at the file as often. */
const TICK_MILLISECONDS = 100
const PATIENCE_MILLISECONDS = 60_000

/** Lines at a fixed rate into the thread that adds up and the process that keeps them, as the controller gives them. */
export async function measureLiveLog(repository: string, folder: string): Promise<readonly Figure[]> {
  const compiled = (path: string): URL => pathToFileURL(join(repository, 'dist/program', path))
  const format = parseFormat('ingress-nginx')
  const keeper = createKeeper({
    folder,
    maxBytes: 1e9,
    maxAgeMilliseconds: 86_400_000,
    format,
    script: compiled('log-store.js'),
    say: () => undefined,
  })
  const live = createLiveAnalytics({
    format,
    keeper,
    script: compiled('log-thread.js'),
    onRestart: (reason) => {
      throw new Error(reason)
    },
  })
  const perTick = (LINES_A_SECOND * TICK_MILLISECONDS) / 1000
  const ticks = (SECONDS * 1000) / TICK_MILLISECONDS
  const began = performance.now()
  for (let tick = 0; tick < ticks; tick++) {
    const at = Math.floor(Date.now() / 1000) * 1000
    live.feed(Buffer.from(Array.from({ length: perTick }, (_, i) => timedLine(tick * perTick + i, at)).join('')))
    await sleep(Math.max(0, began + (tick + 1) * TICK_MILLISECONDS - performance.now()))
  }
  const given = performance.now()
  const fed = ticks * perTick
  let status = await live.status()
  const isDone = (): boolean =>
    status.records + status.lost >= fed && status.store.kind === 'raw' && status.store.waitingLines === 0
  while (!isDone() && performance.now() - given < PATIENCE_MILLISECONDS) {
    await sleep(TICK_MILLISECONDS)
    status = await live.status()
  }
  await live.close()
  const { store } = status
  const stored = store.kind === 'raw' ? (store.lines ?? 0) : 0
  const rate = Math.round(fed / ((given - began) / 1000))
  const note = `${fed} lines, ${rate} a second`
  const goal = { atMost: 0, aim: 0 }
  return [
    {
      id: 'logs/live-lost',
      what: 'lines that were not added up',
      unit: 'count',
      value: fed - status.records,
      goal,
      note,
    },
    { id: 'logs/live-not-kept', what: 'lines that were not kept', unit: 'count', value: fed - stored, goal, note },
  ]
}
