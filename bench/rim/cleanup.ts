import { existsSync, readFileSync, rmSync } from 'node:fs'

/**
 * What must be undone at the end, in whatever way the end comes. All of it is synchronous, so that it also works when the
 * process is about to go.
 */
export interface Cleanup {
  /** Gives a function that does it now, and then no more. */
  add(undo: () => void): () => void
  /** Undoes everything, the last first. */
  all(): void
}

export function createCleanup(): Cleanup {
  const undos: (() => void)[] = []
  return {
    add(undo) {
      undos.push(undo)
      return () => {
        const at = undos.indexOf(undo)
        if (at < 0) return
        undos.splice(at, 1)
        undo()
      }
    },
    all() {
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
        try {
          undo()
        } catch (cause) {
          process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`)
        }
      }
    },
  }
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

/** Ends a process that this program started; by force after three seconds. */
export function endProcess(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined || !isAlive(pid)) return
  send(pid, signal)
  for (const end = Date.now() + 3_000; isAlive(pid) && Date.now() < end; ) pauseSync(10)
  if (isAlive(pid)) send(pid, 'SIGKILL')
}

/** A process that has ended and was not yet waited for does not count. */
export function isAlive(pid: number): boolean {
  try {
    return existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself in the meantime.
  }
}

function pauseSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
