import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadCommands, type LoadCommand, type LoadTarget } from '../load-command.js'
import { parseH2load, parseH2loadLog, parseWrk, type LoadCount } from '../load-output.js'
import { endProcess } from './cleanup.js'
import { besideProxy, type Setting } from './setting.js'

export interface LoadResult extends LoadCount {
  /** Milliseconds of each request, where the generator writes them down. */
  readonly latencies: readonly number[]
}

/** The first part of a paced run, in which connections are opened and pools filled. */
const SETTLING_MILLISECONDS = 500

const TLS_CLIENTS = fileURLToPath(new URL('./tls-clients.js', import.meta.url))

/** Runs the load generator's processes side by side to their end. */
export async function runLoad(setting: Setting, target: Omit<LoadTarget, 'folder' | 'client'>): Promise<LoadResult> {
  const commands = loadCommands({ ...target, folder: setting.folder, client: setting.client })
  const results = await Promise.all(commands.map((command) => runOne(setting, command, target.seconds)))
  return {
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    failures: results.reduce((sum, { failures }) => sum + failures, 0),
    latencies: results.flatMap(({ latencies }) => latencies),
  }
}

async function runOne(setting: Setting, command: LoadCommand, seconds: number): Promise<LoadResult> {
  const { tool, args, script, log, underWay } = command
  if (script !== undefined) writeFileSync(script.path, script.text)
  const output = await run(setting, besideProxy(setting, [...programOf(setting, tool), ...args]), seconds + 60)
  const counted = tool === 'h2load' ? parseH2load(output, underWay) : parseWrk(output)
  if (counted === undefined) throw new Error(`${tool} did not say what it counted: ${output.trim().slice(-500)}`)
  if (log === undefined) return { ...counted, latencies: [] }
  const latencies = parseH2loadLog(readFileSync(log, 'utf8'), SETTLING_MILLISECONDS)
  rmSync(log)
  return { ...counted, latencies }
}

function programOf({ tools }: Setting, tool: LoadCommand['tool']): readonly string[] {
  return tool === 'tls-clients' ? [process.execPath, TLS_CLIENTS] : [tools[tool]]
}

function run({ cleanup }: Setting, command: readonly string[], patienceSeconds: number): Promise<string> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const end = cleanup.add(() => endProcess(child.pid, 'SIGKILL'))
    const timer = setTimeout(end, patienceSeconds * 1000)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
    }
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      end()
      resolve(output)
    })
  })
}
