import { chmodSync, chownSync, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolders } from '../disk/make-folders.js'
import type { FrameInput } from '../frame/input.js'
import { unprintable } from '../nginx/quote.js'
import type { WorkerUser } from './worker-user.js'

/**
 * The folder that a controller and its NGINX share, and that outlives both.
 *
 *     private/   0700: control socket, lock, snapshot, keys, nginx.conf
 *     lua/       Lua that workers may not read where it is (lua-for-workers.ts)
 *     log/       access and error log
 *     tmp/       bodies that do not fit into memory; the workers' own
 */
export interface StateFolder {
  readonly root: string
  readonly frame: string
  readonly frameRecord: string
  readonly controlSocket: string
  readonly lockSocket: string
  /** Where the controller tells how it is doing. */
  readonly statusSocket: string
  readonly snapshot: string
  readonly fallbackCertificate: string
  readonly fallbackKey: string
  /** Incidents, and notifications that were not sent yet. */
  readonly alerts: string
  readonly quicKey: string
  /** Of the admin port, where it makes one itself. */
  readonly adminToken: string
  readonly accessLog: string
  /** How far it and that of connections were copied to others. */
  readonly copied: string
  /** Where `fairlead logs` asks. */
  readonly logSocket: string
  /** Of connections to TCP and UDP services. */
  readonly streamLog: string
  readonly spanLog: string
  readonly errorLog: string
  readonly lua: string
  readonly temporary: string
  readonly pid: string
  /** TCP and UDP services, passed-through TLS: what NGINX begins with, and Unix sockets. */
  readonly streams: { readonly first: string; readonly control: string; readonly tls: string; readonly passed: string }
}

export function stateFolderAt(root: string): StateFolder {
  const inside = (...names: string[]): string => join(root, ...names)
  return {
    root,
    frame: inside('private', 'nginx.conf'),
    frameRecord: inside('private', 'frame.json'),
    controlSocket: inside('private', 'control.sock'),
    lockSocket: inside('private', 'controller.sock'),
    statusSocket: inside('private', 'status.sock'),
    snapshot: inside('private', 'table.snapshot'),
    fallbackCertificate: inside('private', 'default.crt'),
    fallbackKey: inside('private', 'default.key'),
    alerts: inside('private', 'alerts.json'),
    quicKey: inside('private', 'quic.key'),
    adminToken: inside('private', 'admin.token'),
    accessLog: inside('log', 'access.log'),
    copied: inside('private', 'copied.json'),
    logSocket: inside('private', 'logs.sock'),
    streamLog: inside('log', 'stream.log'),
    spanLog: inside('log', 'spans.log'),
    errorLog: inside('log', 'error.log'),
    lua: inside('lua'),
    temporary: inside('tmp'),
    pid: inside('private', 'nginx.pid'),
    streams: {
      first: inside('private', 'streams.json'),
      control: inside('private', 'streams.sock'),
      tls: inside('private', 'tls.sock'),
      passed: inside('private', 'passed.sock'),
    },
  }
}

/** What the frame names of it, besides certificates and keys. */
export function framePaths(
  folder: StateFolder,
): Omit<FrameInput['paths'], 'lua' | 'fallbackCertificate' | 'fallbackKey' | 'quicKey'> {
  const { pid, errorLog, accessLog, streamLog, spanLog, controlSocket, temporary, snapshot } = folder
  return { pid, errorLog, accessLog, streamLog, spanLog, controlSocket, temporary, snapshot }
}

/** The longest path a Unix socket can have on Linux, without its final NUL. */
const LONGEST_SOCKET_PATH = 107

/** Makes the folders with their modes. Gives a sentence when that cannot be done; undefined when all is well. */
export function prepareStateFolder(folder: StateFolder, user: WorkerUser | undefined): string | undefined {
  if (Buffer.byteLength(folder.controlSocket) > LONGEST_SOCKET_PATH) {
    return `The state folder ${folder.root} has too long a path for the socket in it; choose a shorter one with --state-dir.`
  }
  const bad = unprintable(folder.root)
  if (bad !== undefined) {
    return `The path of the state folder ${JSON.stringify(folder.root)} cannot be written into nginx.conf (${bad}); choose another one with --state-dir.`
  }
  try {
    for (const [path, mode] of [
      [folder.root, 0o711],
      [dirname(folder.frame), 0o700],
      [dirname(folder.accessLog), 0o711],
      [folder.temporary, 0o700],
    ] as const) {
      makeFolder(path, mode)
    }
    if (user !== undefined) chownSync(folder.temporary, user.uid, user.gid)
  } catch (cause) {
    return `The state folder ${folder.root} cannot be used (${reasonOf(cause)}); choose another one with --state-dir.`
  }
  const closed = user === undefined ? undefined : findClosed(folder.root)
  if (closed === undefined) return undefined
  return `NGINX's workers run as an unprivileged user and cannot pass ${closed} to the state folder ${folder.root}; choose another one with --state-dir, or let others pass (chmod o+x ${closed}).`
}

/** Folders made on the way to it let everybody pass, whatever the umask, but show nothing. */
export function makeFolder(path: string, mode: number): void {
  const first = makeFolders(path)
  if (first !== undefined) {
    for (let above = dirname(path); above.length >= first.length; above = dirname(above)) chmodSync(above, 0o711)
  }
  chmodSync(path, mode)
}

/**
 * The lowest of a folder and those above it that lets nobody pass but its owner, as workers that run as another user
 * have to.
 */
export function findClosed(folder: string): string | undefined {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return path
  }
  return undefined
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** What is to be done about a file of the state folder that cannot be written. */
export const UNWRITTEN_WAY_OUT = 'free space there, or choose another folder with --state-dir'
