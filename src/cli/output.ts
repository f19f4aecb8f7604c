import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import type { LogSink } from '../observe/tail.js'

/**
 * A standard stream that never makes this process wait. Node writes to pipes synchronously, so a reader that stops would
 * stop the controller; opened anew without blocking, the pipe says when it is full.
 */
export function openWithoutBlocking(descriptor: 1 | 2): LogSink {
  const own = reopen(descriptor)
  return {
    write(bytes) {
      try {
        return writeSync(own ?? descriptor, bytes)
      } catch (cause) {
        if (isCode(cause, 'EAGAIN')) return 0
        if (isCode(cause, 'EPIPE') || isCode(cause, 'EBADF')) return bytes.length
        throw cause
      }
    },
  }
}

function reopen(descriptor: 1 | 2): number | undefined {
  try {
    if (fstatSync(descriptor).isFIFO()) {
      const own = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
      process.once('exit', () => closeSync(own))
      return own
    }
  } catch {
    // The pipe belongs to another user (as after sudo), who alone may open it.
  }
  // A socket cannot be opened anew. Node's stream, once it is there, has made the descriptor non-blocking.
  void (descriptor === 1 ? process.stdout : process.stderr).writable
  return undefined
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code
}
