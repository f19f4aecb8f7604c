import { connect, type Socket } from 'node:net'

/** Connections that were opened, and how many of them the server has closed. */
export interface Crowd {
  readonly sockets: readonly Socket[]
  closed(): number
  leave(): void
}

/** Waits so long for the system before it opens more. */
const AT_ONCE = 200

/** Opens connections, and sends the same first bytes on each. */
export async function gather(port: number, count: number, first: Buffer | string = ''): Promise<Crowd> {
  const sockets: Socket[] = []
  let closed = 0
  while (sockets.length < count) {
    const more = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () => connect(port, '127.0.0.1'))
    sockets.push(...more)
    await Promise.all(
      more.map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.on('error', () => undefined)
            socket.resume()
            socket.on('close', () => {
              closed++
              resolve()
            })
            socket.on('connect', () => {
              if (first.length > 0) socket.write(first)
              resolve()
            })
          }),
      ),
    )
  }
  return {
    sockets,
    closed: () => closed,
    leave: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Sends a byte on each that is still open; on the part `part` of `parts` only, if they are given. */
export function drip({ sockets }: Crowd, part = 0, parts = 1): void {
  for (let at = part; at < sockets.length; at += parts) {
    const socket = sockets[at]
    if (socket !== undefined && !socket.destroyed && socket.writable) socket.write('x')
  }
}
