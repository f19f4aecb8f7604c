import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateFolderAt } from '../../src/apply/state-folder.js'
import {
  configMap,
  objectsOfHost,
  printObjects,
  secret,
  SHARED_SECRET,
  type FileFormat,
  type KubernetesObject,
  type TableChoices,
} from '../manifests.js'
import { ask, until } from './ask.js'
import { endProcess, isAlive, removeFolder } from './cleanup.js'
import { type Certificates, confineWorker, type Proxy } from './nginx.js'
import { findFreePorts } from './ports.js'
import { besideProxy, type Setting } from './setting.js'

/** `fairlead serve` on a folder of manifests, with its NGINX. */
export interface Fairlead extends Omit<Proxy, 'worker'> {
  readonly controller: number
  readonly master: number
  readonly manifests: string
  /** From the start of the process until `/readyz` said yes. */
  readonly readyMilliseconds: number
  /** Number of the frame that runs: one more for each reload. */
  generation(): number
}

export interface Folder {
  readonly path: string
  readonly objects: number
}

interface FolderChoices extends TableChoices {
  readonly configMap?: Readonly<Record<string, string>> | undefined
  readonly more?: ((choices: TableChoices) => readonly KubernetesObject[]) | undefined
  /** Of each host; absent: all share one. */
  readonly certificates?: Certificates | undefined
}

/** Writes a file for each host, and one for what they share. */
export function writeManifests(
  setting: Setting,
  name: string,
  hosts: number,
  format: FileFormat,
  choices: FolderChoices,
): Folder {
  const path = join(setting.folder, name)
  // Another part of the same run may have had a variant of this name.
  removeFolder(path)
  mkdirSync(path)
  const { text, keyText } = setting.certificate
  const more = choices.more?.({ backendPort: choices.backendPort, clientAuthority: setting.client.text }) ?? []
  const shared = [configMap(choices.configMap), secret(SHARED_SECRET, text, keyText), ...more]
  writeFileSync(join(path, `shared.${format}`), printObjects(shared, format))
  for (let index = 0; index < hosts; index++) {
    const objects = objectsWithCertificate(index, choices)
    writeFileSync(hostFile(path, index, format), printObjects(objects, format))
  }
  return { path, objects: hosts * 3 + shared.length }
}

function objectsWithCertificate(index: number, choices: FolderChoices): readonly KubernetesObject[] {
  const own = choices.certificates?.(index)
  if (own === undefined) return objectsOfHost(index, choices)
  const secretName = `tls-${index}`
  return [...objectsOfHost(index, { ...choices, secretName }), secret(secretName, own.text, own.keyText)]
}

export function hostFile(manifests: string, index: number, format: FileFormat): string {
  return join(manifests, `host-${String(index).padStart(5, '0')}.${format}`)
}

/**
 * Starts the program on a folder and waits until it is ready. `free`: it may use every core, as it would without a load
 * generator.
 */
export async function startFairlead(
  setting: Setting,
  name: string,
  manifests: string,
  place: 'free' | 'beside the proxy' = 'beside the proxy',
  flags: readonly string[] = [],
): Promise<Fairlead> {
  return { ...(await startServe(setting, name, ['--manifests', manifests, ...flags], place)), manifests }
}

/** Starts the program with a source of its own and waits until it is ready. */
export async function startServe(
  setting: Setting,
  name: string,
  source: readonly string[],
  place: 'free' | 'beside the proxy',
  nodeFlags: readonly string[] = [],
): Promise<Omit<Fairlead, 'manifests'>> {
  const [http = 0, https = 0, health = 0] = await findFreePorts(3)
  const folder = stateFolderAt(join(setting.folder, `${name}-state`))
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  const flags = [...source, '--state-dir', folder.root, '--healthz-host', '127.0.0.1', '--no-access-log']
  const program = [process.execPath, ...nodeFlags, join(setting.repository, 'bin/fairlead')]
  const serve = [...program, 'serve', ...flags, ...ports]
  const [file = '', ...args] = place === 'free' ? serve : besideProxy(setting, serve)
  const started = performance.now()
  // In a session of its own: Ctrl-C is for this program, which then ends it in its turn.
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said = `${said}${bytes.toString()}`.slice(-4000)))
  const pidOfNginx = (): number | undefined =>
    existsSync(folder.pid) ? Number(readFileSync(folder.pid, 'utf8')) : undefined
  const end = setting.cleanup.add(() => {
    // Not the polite way, which waits for idle connections; nobody's request is lost here.
    const nginx = pidOfNginx()
    endProcess(child.pid, 'SIGKILL')
    endProcess(nginx, 'SIGTERM')
    removeFolder(folder.root)
  })
  const ready = async (): Promise<boolean> => (await ask('http', health, 'health', '/readyz')).status === 200
  await until(`${name} is ready`, async () => child.exitCode !== null || (await ready()), 120, 5)
  const readyMilliseconds = performance.now() - started
  const master = pidOfNginx()
  if (child.exitCode !== null || child.pid === undefined || master === undefined || !isAlive(master)) {
    throw new Error(`fairlead serve ended: ${said}`)
  }
  return {
    controller: child.pid,
    master,
    http,
    https,
    readyMilliseconds,
    generation: () => parseGeneration(readFileSync(folder.frameRecord, 'utf8')),
    // Its controller keeps the file from growing.
    emptyLog: () => undefined,
    end,
  }
}

/** With its one worker on the proxy's core. */
export function asProxy(setting: Setting, fairlead: Fairlead): Proxy {
  return { ...fairlead, worker: confineWorker(setting, fairlead.master) }
}

function parseGeneration(text: string): number {
  const record: unknown = JSON.parse(text)
  if (typeof record === 'object' && record !== null && 'generation' in record) return Number(record.generation)
  throw new Error('frame.json has no generation')
}
