import type { Command } from 'commander'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createControlClient } from '../apply/control-client.js'
import { findEngine } from '../apply/engine/find.js'
import { reasonOf, stateFolderAt, type StateFolder } from '../apply/state-folder.js'
import type { Diagnosis } from '../observe/diagnosis/diagnosis.js'
import { createVocabulary } from '../observe/diagnosis/vocabulary.js'
import { askAdminDiagnosis } from './ask-admin.js'
import { askDiagnosis } from './diagnose/ask-controller.js'
import { filesOfFolder } from './diagnose/folder-files.js'
import { ownWords } from './diagnose/own-words.js'
import { packTar } from './diagnose/tar.js'
import { defaultStateFolder, parsePort } from './flags.js'

/** No controller answered, and the archive has what the folder tells; there is no archive. */
const IN_PART = 1
const NOTHING = 2

interface DiagnoseFlags {
  readonly stateDir?: string
  readonly httpPort: number
  readonly admin?: string
  readonly adminTokenFile?: string
  readonly output?: string
}

export function addDiagnose(program: Command): void {
  program
    .command('diagnose')
    .description(
      'pack what a bug report needs into a .tar.gz, without secrets: of a running fairlead, or of its folder',
    )
    .option('--state-dir <folder>', 'the folder given to serve (default: that of --http-port)')
    .option('--http-port <port>', 'the port given to serve', parsePort, 80)
    .option('--admin <url>', 'admin port of a running one, in place of a folder')
    .option('--admin-token-file <file>', 'file with its token (also FAIRLEAD_ADMIN_TOKEN, or #token=… in the URL)')
    .option('--output <file>', 'what to write (default: fairlead-TIME.tar.gz here; - is standard output)')
    .addHelpText('after', HELP)
    .action(async (flags: DiagnoseFlags) => {
      const made = flags.admin === undefined ? await fromFolder(flags) : await fromAdmin(flags.admin, flags)
      if (typeof made === 'string') {
        process.stderr.write(`fairlead: ${made}\n`)
        process.exitCode = NOTHING
        return
      }
      const problem = write(made.diagnosis, flags.output)
      if (problem !== undefined) process.stderr.write(`fairlead: ${problem}\n`)
      process.exitCode = problem === undefined ? (made.isWhole ? 0 : IN_PART) : NOTHING
    })
}

const HELP = `
It holds versions, flags, nginx.conf, the table, problems, status, metrics, the last reloads and pushes, and the ends of the
controller's log and of NGINX's error log. Names of hosts, Ingresses, Services and Secrets, paths and addresses of endpoints
are in it. Of what users and clients wrote otherwise, nothing is: "…" stands for it.

Exit codes: 0 the archive is written; 1 it is, but no controller answered; 2 there is none.
`

interface Made {
  readonly diagnosis: Diagnosis
  readonly isWhole: boolean
}

async function fromFolder({ stateDir, httpPort }: DiagnoseFlags): Promise<Made | string> {
  const path = resolve(stateDir ?? defaultStateFolder(httpPort))
  const folder = stateFolderAt(path)
  say(`asking the controller of ${path}`)
  const asked = await askDiagnosis(folder.statusSocket)
  if (typeof asked !== 'string') return { diagnosis: asked, isWhole: true }
  say(`no controller answers (${asked}); looking at its folder`)
  return fromFiles(folder)
}

async function fromAdmin(url: string, { adminTokenFile }: DiagnoseFlags): Promise<Made | string> {
  say('asking the admin port')
  const asked = await askAdminDiagnosis(url, adminTokenFile)
  return typeof asked === 'string' ? asked : { diagnosis: asked, isWhole: true }
}

/** What is left of one that has ended, or does not answer. */
async function fromFiles(folder: StateFolder): Promise<Made | string> {
  const client = createControlClient(folder.controlSocket, '')
  const nginx = await client.status()
  await client.close()
  const found = await findEngine({})
  const engine = found.ok ? found.engine : undefined
  const files = filesOfFolder(folder, engine?.label ?? 'not known', createVocabulary(await ownWords(engine), []))
  const isEmpty = files.every(({ name, text }) => name === 'versions.txt' || text === '')
  if (isEmpty && !nginx.ok) return `nobody runs in ${folder.root}, and there is nothing of one that did`
  const status = nginx.ok ? JSON.stringify(nginx.value, null, 1) : 'NGINX does not answer.'
  return { diagnosis: { files: [...files, { name: 'nginx.json', text: `${status}\n` }] }, isWhole: false }
}

/** A sentence where it cannot be written. What is there is never half of one. */
function write({ files }: Diagnosis, output: string | undefined): string | undefined {
  const now = new Date()
  const name = `fairlead-${now.toISOString().slice(0, 19).replaceAll(':', '')}`
  const archive = gzipSync(packTar(name, files, Math.floor(now.getTime() / 1000)))
  if (output === '-') {
    process.stdout.write(archive)
    return undefined
  }
  const path = resolve(output ?? `${name}.tar.gz`)
  const unfinished = `${path}.${process.pid}.part`
  try {
    writeFileSync(unfinished, archive, { mode: 0o600, flag: 'wx' })
    renameSync(unfinished, path)
  } catch (cause) {
    rmSync(unfinished, { force: true })
    return `${path} cannot be written: ${reasonOf(cause)}`
  }
  for (const file of files) say(`  ${file.name.padEnd(18)} ${Buffer.byteLength(file.text)} bytes`)
  say(`wrote ${path} (${archive.length} bytes); look into it before you pass it on`)
  return undefined
}

/** Beside what may go to standard output. */
function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}
