import { connect } from 'node:net'

/** Requests on one connection at a time: as many as NGINX takes (`keepalive_requests`). */
const ON_ONE = 1000
/** Sent without waiting for answers. */
const AT_ONCE = 50

export interface Flood {
  readonly count: number
  /** Connections at a time. */
  readonly connections: number
  readonly atOnce?: number
  /** That of request `i`, without the empty line. */
  head(this: void, i: number): string
}

/**
 * Sends requests over plain HTTP as fast as they are answered. Gives how many answers of each status came; those of a
 * connection that was closed too early are missing.
 */
export async function pipeline(
  port: number,
  { count, connections, atOnce = AT_ONCE, head }: Flood,
): Promise<ReadonlyMap<string, number>> {
  const statuses = new Map<string, number>()
  let next = 0
  const take = (): string | undefined => (next < count ? head(next++) : undefined)
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < count) await useConnection(port, atOnce, take, statuses)
    }),
  )
  return statuses
}

function useConnection(
  port: number,
  atOnce: number,
  take: () => string | undefined,
  statuses: Map<string, number>,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let sent = 0
    let answered = 0
    let rest = ''
    const write = (): void => {
      const heads: string[] = []
      for (; heads.length < atOnce && sent < ON_ONE; sent++) {
        const head = take()
        if (head === undefined) break
        heads.push(`${head}\r\n\r\n`)
      }
      if (heads.length > 0) socket.write(heads.join(''), 'latin1')
      else socket.destroy()
    }
    socket.on('connect', write)
    socket.on('data', (bytes) => {
      rest += bytes.toString('latin1')
      const found = [...rest.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
      const last = found.at(-1)
      if (last === undefined) return
      rest = rest.slice(last.index + last[0].length)
      for (const [, status = ''] of found) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      answered += found.length
      if (answered === sent) write()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}
