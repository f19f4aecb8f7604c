import type { NginxProcess } from '../../apply/nginx-process.js'
import type { StateFolder } from '../../apply/state-folder.js'
import { createTail } from '../../observe/tail.js'
import { openWithoutBlocking } from '../output.js'

const FOLLOW_MILLISECONDS = 100

/** Copies NGINX's access log to standard output; without that it is only kept from growing for ever. */
export function followAccessLog(isCopied: boolean, folder: StateFolder, nginx: NginxProcess): { finish(): void } {
  const sink = isCopied ? openWithoutBlocking(1) : { write: (bytes: Buffer) => bytes.length }
  const tail = createTail(folder.accessLog, sink, nginx.pid() !== undefined, () => nginx.signal('SIGUSR1'))
  const timer = setInterval(() => tail.step(), FOLLOW_MILLISECONDS)
  timer.unref()
  return {
    finish() {
      clearInterval(timer)
      tail.step()
      tail.close()
    },
  }
}
