import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../figure.js'
import { besideProxy, type Setting } from '../rim/setting.js'
import { measureLiveLog } from './live-log.js'
import { lineOf } from './log-lines.js'
import { measureQueries } from './log-queries.js'

const PIECE_LINES = 10_000
const MILLION = 1_000_000

/** Tells, at its end, what the process took. */
const TELL_USAGE = `data:text/javascript,process.once('exit',()=>{const u=process.resourceUsage();console.error('usage',u.userCPUTime+u.systemCPUTime,u.maxRSS)})`

/**
 * Import of a log, as roll-ups and as lines; questions to the lines; and what arrives of lines that come fast. The log
 * has 20,000 paths, 1,750 clients, 40 services and three agents.
 */
export async function measureLogs(setting: Setting, lines: number): Promise<readonly Figure[]> {
  const folder = join(setting.folder, 'logs')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'access.log')
  writeFileSync(file, '')
  for (let first = 0; first < lines; first += PIECE_LINES)
    appendFileSync(file, Array.from({ length: PIECE_LINES }, (_, i) => lineOf(first + i)).join(''))
  const rolledUp = runImport(setting, file, join(folder, 'rolled-up'), ['--no-raw'])
  const kept = runImport(setting, file, join(folder, 'kept'), [])
  const perMillion = MILLION / lines
  const figures: readonly Figure[] = [
    {
      id: 'logs/import-cpu',
      what: 'CPU of an import of a million lines of the access log, rolled up',
      unit: 's',
      value: rolledUp.seconds * perMillion,
      goal: { atMost: 25, aim: 10 },
    },
    {
      id: 'logs/import-memory',
      what: 'memory of that import at its most',
      unit: 'MB',
      value: rolledUp.megabytes,
      goal: { atMost: 200, aim: 150 },
      note: `${lines} lines`,
    },
    {
      id: 'logs/import-lines-cpu',
      what: 'CPU of an import of a million lines that are kept, in DuckDB',
      unit: 's',
      value: kept.seconds * perMillion,
      goal: { atMost: 10, aim: 4 },
    },
    {
      id: 'logs/import-lines-memory',
      what: 'memory of that import at its most',
      unit: 'MB',
      value: kept.megabytes,
      goal: { atMost: 500, aim: 400 },
      note: `${lines} lines`,
    },
    ...(await measureQueries(join(folder, 'kept', 'lines'))),
    ...(await measureLiveLog(setting.repository, join(folder, 'live'))),
  ]
  rmSync(folder, { recursive: true })
  return figures
}

function runImport(
  setting: Setting,
  file: string,
  store: string,
  words: readonly string[],
): { readonly seconds: number; readonly megabytes: number } {
  const program = [join(setting.repository, 'bin/fairlead'), 'logs', 'import', file, '--store', store, ...words]
  const [command = '', ...rest] = besideProxy(setting, [process.execPath, '--import', TELL_USAGE, ...program])
  const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8' })
  const [, microseconds, kilobytes] = /^usage (\d+) (\d+)$/m.exec(stderr) ?? []
  if (status !== 0 || microseconds === undefined) throw new Error(`fairlead logs import failed: ${stderr.trim()}`)
  return { seconds: Number(microseconds) / 1e6, megabytes: Number(kilobytes) / 1024 }
}
