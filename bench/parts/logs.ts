import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../figure.js'
import { besideProxy, type Setting } from '../rim/setting.js'

const PIECE_LINES = 10_000
const MILLION = 1_000_000

/** Tells, at its end, what the process took. */
const TELL_USAGE = `data:text/javascript,process.once('exit',()=>{const u=process.resourceUsage();console.error('usage',u.userCPUTime+u.systemCPUTime,u.maxRSS)})`

/** Import of a log into a folder of roll-ups: lines with 20,000 paths, 1,750 clients, 40 services and three agents. */
export function measureLogs(setting: Setting, lines: number): readonly Figure[] {
  const folder = join(setting.folder, 'logs')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'access.log')
  writeFileSync(file, '')
  for (let first = 0; first < lines; first += PIECE_LINES)
    appendFileSync(file, Array.from({ length: PIECE_LINES }, (_, i) => lineOf(first + i)).join(''))
  const program = [
    join(setting.repository, 'dist/cli/main.js'),
    'logs',
    'import',
    file,
    '--store',
    join(folder, 'store'),
  ]
  const [command = '', ...words] = besideProxy(setting, [process.execPath, '--import', TELL_USAGE, ...program])
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  const [, microseconds, kilobytes] = /^usage (\d+) (\d+)$/m.exec(stderr) ?? []
  if (status !== 0 || microseconds === undefined) throw new Error(`fairlead logs import failed: ${stderr.trim()}`)
  return [
    {
      id: 'logs/import-cpu',
      what: 'CPU of an import of a million lines of the access log, rolled up',
      unit: 's',
      value: (Number(microseconds) / 1e6) * (MILLION / lines),
      goal: { atMost: 25, aim: 10 },
    },
    {
      id: 'logs/import-memory',
      what: 'memory of that import at its most',
      unit: 'MB',
      value: Number(kilobytes) / 1024,
      goal: { atMost: 200, aim: 150 },
    },
  ]
}

function lineOf(i: number): string {
  const second = Math.floor(i / 500)
  const time = new Date(Date.UTC(2026, 10, 26, 0, 0, second)).toISOString().slice(11, 19)
  const agent = AGENTS[i % AGENTS.length] ?? ''
  const client = `10.${i % 7}.${(i * 31) % 200}.${(i * 17) % 250}`
  const request = `GET /p/${(i * 7_919) % 20_011}?x=${i} HTTP/1.1`
  return `${client} - - [26/Nov/2026:${time} +0000] "${request}" ${i % 50 === 0 ? 500 : 200} ${i % 5_000} "-" "${agent}" 120 0.0${10 + (i % 90)} [default-shop${i % 40}-80] [] 10.1.1.1:80 ${i % 5_000} 0.0${10 + (i % 90)} 200 ${i.toString(16)}\n`
}

const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  'curl/8.5.0',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
]
