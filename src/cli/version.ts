import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { findEngine } from '../apply/engine/find.js'
import { programUrl } from '../disk/program-folder.js'

/** The version in package.json. */
export function ownVersion(): string {
  const text = readFileSync(programUrl('package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string } // our own file
  return version
}

export function addVersion(program: Command): void {
  program
    .command('version')
    .description('print the version and the NGINX that would be used')
    .option('--nginx <path>', 'NGINX with the Lua module, or a folder made by engine/fetch')
    .action(async ({ nginx }: { nginx?: string }) => {
      process.stdout.write(`fairlead ${ownVersion()}\nnode ${process.versions.node}\n`)
      const found = await findEngine({ explicit: nginx })
      if (found.ok) process.stdout.write(`engine ${found.engine.label}\n       ${found.engine.binary}\n`)
      else {
        process.stderr.write(`fairlead: ${found.message}\n`)
        process.exitCode = 1
      }
    })
}
