import { setTimeout as sleep } from 'node:timers/promises'
import type { NginxProcess } from '../../apply/nginx-process.js'
import type { StateFolder } from '../../apply/state-folder.js'
import { createTail } from '../../observe/tail.js'
import type { Log } from '../log.js'
import { openWithoutBlocking } from '../output.js'

const FOLLOW_MILLISECONDS = 100
/** How long the end waits for a reader that takes nothing. */
const FAREWELL_MILLISECONDS = 5_000

/**
 * Copies NGINX's access log to standard output; without that it is only kept from growing for ever.
 *
 * @param onRead sees everything that is read
 */
export function followAccessLog(
  isCopied: boolean,
  folder: StateFolder,
  nginx: NginxProcess,
  log: Log,
  onRead?: (bytes: Uint8Array) => void,
): { finish(): Promise<void> } {
  const sink = isCopied ? openWithoutBlocking(1) : { write: (bytes: Buffer) => bytes.length }
  const onLost = (lines: number): void =>
    log('warn', `${lines} lines of the access log were lost: nobody read standard output`)
  const tail = createTail(folder.accessLog, sink, {
    startAtEnd: nginx.pid() !== undefined,
    reopen: () => nginx.signal('SIGUSR1'),
    onLost,
    ...(onRead === undefined ? {} : { onRead }),
  })
  const timer = setInterval(() => tail.step(), FOLLOW_MILLISECONDS)
  timer.unref()
  return {
    async finish() {
      clearInterval(timer)
      for (
        const end = performance.now() + FAREWELL_MILLISECONDS;
        performance.now() < end;
        await sleep(FOLLOW_MILLISECONDS)
      ) {
        tail.step()
        if (tail.isEven()) break
      }
      const lines = tail.close()
      if (lines > 0) onLost(lines)
    },
  }
}
