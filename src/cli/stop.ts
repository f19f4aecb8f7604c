import type { Command } from 'commander'
import { resolve } from 'node:path'
import { findEngine } from '../apply/engine/find.js'
import { createNginxProcess } from '../apply/nginx-process.js'
import { stateFolderAt } from '../apply/state-folder.js'

const PATIENCE_MILLISECONDS = 30_000

export function addStop(program: Command): void {
  program
    .command('stop')
    .description('end an NGINX that was left running in a state folder')
    .requiredOption('--state-dir <folder>', 'the folder given to serve')
    .option('--nginx <path>', 'the NGINX given to serve')
    .action(async ({ stateDir, nginx: explicit }: { stateDir: string; nginx?: string }) => {
      const found = await findEngine({ explicit })
      if (!found.ok) return fail(found.message)
      const nginx = createNginxProcess(found.engine, stateFolderAt(resolve(stateDir)))
      const pid = nginx.pid()
      if (pid === undefined) return void process.stdout.write(`no NGINX runs in ${resolve(stateDir)}\n`)
      nginx.signal('SIGQUIT')
      if (!(await nginx.waitForEnd(PATIENCE_MILLISECONDS))) nginx.signal('SIGTERM')
      if (!(await nginx.waitForEnd(5_000))) return fail(`NGINX (process ${pid}) does not end`)
      process.stdout.write(`NGINX (process ${pid}) has ended\n`)
    })
}

function fail(message: string): void {
  process.stderr.write(`fairlead: ${message}\n`)
  process.exitCode = 1
}
