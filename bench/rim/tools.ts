import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, chmodSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findEngine } from '../../src/apply/engine/find.js'
import { findWorkerUser } from '../../src/apply/worker-user.js'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { DOMAIN } from '../hosts.js'
import { removeFolder, type Cleanup } from './cleanup.js'
import { findCores } from './machine.js'
import type { Setting } from './setting.js'

/** Finds the engine and the load generators that engine/fetch-tools left, and makes the folder for this run. */
export async function prepare(
  repository: string,
  cleanup: Cleanup,
  say: Setting['say'],
): Promise<Setting | { readonly problem: string }> {
  const found = await findEngine()
  if (!found.ok) return { problem: found.message }
  const tools = { wrk: findTool('wrk'), h2load: findTool('h2load') }
  if (tools.wrk === undefined || tools.h2load === undefined) {
    return {
      problem: 'wrk or h2load is missing. Run engine/fetch-tools, or install the packages wrk and nghttp2-client.',
    }
  }
  if (!onPath('taskset')) return { problem: 'taskset is missing. Install the package util-linux.' }
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'))
  cleanup.add(() => removeFolder(folder))
  // The workers of an NGINX that root started are somebody else.
  chmodSync(folder, 0o711)
  const cores = findCores()
  if (cores === undefined) say('There is one core only: proxy and load generator share it, and the figures with them.')
  return {
    repository,
    folder,
    engine: found.engine,
    user: findWorkerUser(),
    cores,
    tools: { wrk: tools.wrk, h2load: tools.h2load },
    certificate: makeCertificate(folder, 'bench', [DOMAIN, `*.${DOMAIN}`]),
    client: makeCertificate(folder, 'client', []),
    cleanup,
    say,
  }
}

export function toolVersions({ tools }: Setting): string {
  const firstLine = (file: string): string => {
    try {
      return execFileSync(file, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    } catch (cause) {
      // wrk tells its version with the exit code 1.
      return typeof cause === 'object' && cause !== null && 'stdout' in cause ? String(cause.stdout) : ''
    }
  }
  const words = [firstLine(tools.wrk).split(' [')[0], firstLine(tools.h2load).split('\n')[0]]
  return words.map((text) => text?.trim() ?? '').join(', ')
}

/** EC P-256, as those that Fairlead makes itself. */
export function makeCertificate(folder: string, called: string, names: readonly string[]): Setting['certificate'] {
  const { certificate, key } = createSelfSigned({
    commonName: DOMAIN,
    organization: 'Fairlead bench',
    names,
    purpose: called === 'client' ? 'client' : 'server',
    days: 30,
    now: Date.now(),
  })
  const [file, keyFile] = [join(folder, `${called}.crt`), join(folder, `${called}.key`)]
  writeFileSync(file, certificate)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { file, keyFile, text: certificate, keyText: key }
}

/** On the PATH, or where engine/fetch-tools puts it: beside the folder of the engines. */
function findTool(name: string): string | undefined {
  const { HOME = homedir(), XDG_CACHE_HOME = join(HOME, '.cache') } = process.env
  const engines = process.env['FAIRLEAD_ENGINE_DIR'] ?? join(XDG_CACHE_HOME, 'fairlead/engine')
  const fetched = join(dirname(engines), 'tools', name)
  return onPath(name) ? name : existsSync(fetched) ? fetched : undefined
}

function onPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
