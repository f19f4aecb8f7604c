import type { Command } from 'commander'
import { resolve } from 'node:path'
import { Client } from 'undici'
import { createControlClient, type EngineStatus } from '../apply/control-client.js'
import { stateFolderAt, type StateFolder } from '../apply/state-folder.js'
import type { StatusReport } from '../observe/status.js'
import { defaultStateFolder, parsePort } from './flags.js'
import { printStatus } from './status-text.js'

/** Runs but is not ready; nobody runs there. */
const NOT_READY = 1
const NOBODY = 2

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show how a running fairlead is doing; exits with 0 if it is ready, 1 if it is not, 2 if nobody runs')
    .option('--state-dir <folder>', 'the folder given to serve (default: that of --http-port)')
    .option('--http-port <port>', 'the port given to serve', parsePort, 80)
    .option('--json', 'print JSON for programs')
    .action(async ({ stateDir, httpPort, json }: { stateDir?: string; httpPort: number; json?: boolean }) => {
      const path = resolve(stateDir ?? defaultStateFolder(httpPort))
      const folder = stateFolderAt(path)
      const report = await askController(folder)
      if (report !== undefined) {
        process.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : printStatus(report, Date.now()))
        if (!report.ready) process.exitCode = NOT_READY
        return
      }
      const nginx = await askNginx(folder)
      if (json === true) process.stdout.write(`${JSON.stringify({ ready: false, nginx: nginx ?? null })}\n`)
      if (nginx === undefined) {
        process.stderr.write(`fairlead: nobody runs in ${path}\n`)
        process.exitCode = NOBODY
        return
      }
      process.stderr.write(
        `fairlead: no controller runs in ${path}; its NGINX serves on with ${nginx.workers.length} workers and revision ${nginx.revision} of the table\n`,
      )
      process.exitCode = NOT_READY
    })
}

async function askController({ statusSocket }: StateFolder): Promise<StatusReport | undefined> {
  const client = new Client('http://controller', { socketPath: statusSocket, headersTimeout: 10_000 })
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path: '/' })
    const text = await body.text()
    return statusCode === 200 ? (JSON.parse(text) as StatusReport) : undefined // our own controller wrote it
  } catch {
    return undefined
  } finally {
    await client.destroy()
  }
}

async function askNginx({ controlSocket }: StateFolder): Promise<EngineStatus | undefined> {
  const client = createControlClient(controlSocket, '')
  const answer = await client.status()
  await client.close()
  return answer.ok ? answer.value : undefined
}
