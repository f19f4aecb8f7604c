import { unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'

export type Lock = { readonly ok: true; release(): void } | { readonly ok: false; readonly message: string }

/**
 * One controller per state folder: whoever listens on the socket in it holds the lock, and the kernel lets go of it when
 * that process ends, however it ends.
 */
export async function lockStateFolder(socket: string): Promise<Lock> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(socket)
    if (server !== undefined && (await askHolder(socket)) === String(process.pid)) {
      return { ok: true, release: () => server.close() }
    }
    server?.close()
    const holder = await askHolder(socket)
    if (holder !== undefined) {
      const message = `Another fairlead (process ${holder}) uses this state folder. Stop it, or give this one a folder of its own with --state-dir.`
      return { ok: false, message }
    }
    removeLeftOver(socket)
  }
  return { ok: false, message: `The lock ${socket} could not be taken.` }
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((connection) => {
      connection.on('error', () => connection.destroy())
      connection.end(String(process.pid))
    })
    server.once('error', () => resolve(undefined))
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })
}

/** The process that answers on the socket; undefined when nobody does. */
function askHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = connect(path)
    let answer = ''
    connection.setTimeout(2000, () => connection.destroy())
    connection.on('data', (bytes: Buffer) => (answer += bytes.toString()))
    connection.on('error', () => resolve(undefined))
    connection.on('close', () => resolve(answer === '' ? undefined : answer))
  })
}

function removeLeftOver(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Somebody else removed it; the next attempt shows who has the lock.
  }
}
