import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { LogSink } from '../observe/tail.js'

/**
 * A standard stream that never makes this process wait, and never throws. Node writes to pipes and terminals
 * synchronously, so a reader that stops (Ctrl-S) would stop the controller; opened anew without blocking, they say when
 * they are full.
 */
export function openWithoutBlocking(descriptor: 1 | 2): LogSink {
  const own = reopen(descriptor)
  return {
    write(bytes) {
      try {
        return writeSync(own ?? descriptor, bytes)
      } catch (cause) {
        // Anything else may pass, such as a full disk: nothing was taken, and it is tried again.
        return NOBODY_READS.has(codeOf(cause)) ? bytes.length : 0
      }
    },
  }
}

/** A reader that has ended, a terminal that was closed. */
const NOBODY_READS: ReadonlySet<unknown> = new Set(['EPIPE', 'EBADF', 'EIO', 'ENXIO', 'ECONNRESET', 'ENOTCONN'])

function reopen(descriptor: 1 | 2): number | undefined {
  // A terminal's stream fails of itself where that is closed, as it asks for the new size.
  const stream = descriptor === 1 ? process.stdout : process.stderr
  stream.on('error', () => undefined)
  try {
    if (fstatSync(descriptor).isFIFO() || isatty(descriptor)) {
      const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY
      const own = openSync(`/proc/self/fd/${descriptor}`, flags)
      process.once('exit', () => closeSync(own))
      return own
    }
  } catch {
    // It belongs to another user (as after sudo), who alone may open it.
  }
  // A socket cannot be opened anew. Node's stream, which is there, has made the descriptor non-blocking.
  return undefined
}

/**
 * For a process that ignores SIGHUP. As it ends, Node gives each terminal back the settings that it found, and aborts
 * where the terminal is gone (ResetStdio of node.cc, seen with 20.20). It leaves out descriptors that are closed.
 */
export function outliveTerminals(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor))
  process.once('exit', () => {
    for (const gone of terminals.filter((descriptor) => !isatty(descriptor))) closeSync(gone)
  })
}

/**
 * For commands that print and end: who cannot print says so in a sentence and exits with 1. A reader that has enough,
 * as `head` has, is no failure.
 */
export function endWithoutOutput(): void {
  process.stdout.on('error', (cause) => {
    if (codeOf(cause) === 'EPIPE') process.exit()
    process.stderr.write(`fairlead: standard output cannot be written: ${cause.message}\n`)
    process.exit(1)
  })
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
