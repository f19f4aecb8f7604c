import { connect } from 'node:net'
import { reasonOf } from './state-folder.js'

/** What NGINX answers a message on the stream module's control socket with: lines, the last one without its end. */
export type StreamAnswer =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly cause: string }

const PATIENCE_MILLISECONDS = 30_000

/** Sends one message (`streams/njs.ts`, control). */
export function askStreams(socketPath: string, message: string): Promise<StreamAnswer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(socketPath)
    const end = (failure: string): void => {
      socket.destroy()
      // NGINX only looked at what it was sent, which makes its end of the connection look like a failure.
      if (text.endsWith('\n')) resolve(read(text))
      else resolve({ ok: false, cause: failure })
    }
    socket.setEncoding('latin1')
    socket.setTimeout(PATIENCE_MILLISECONDS, () => end('no answer'))
    socket.on('data', (data) => {
      text += String(data)
    })
    socket.on('error', (cause) => end(reasonOf(cause)))
    socket.on('close', () => end('no answer'))
    socket.write(`${message}.\n`, 'latin1')
  })
}

function read(text: string): StreamAnswer {
  const lines = text.slice(0, -1).split('\n')
  const last = lines.pop() ?? ''
  return last === 'ok' ? { ok: true, lines } : { ok: false, cause: last }
}
