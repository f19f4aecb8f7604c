import { createServer } from 'node:net'

/** A port that a flag asks for. */
export interface WantedPort {
  readonly flag: string
  readonly port: number
}

/** Tries to listen on each port for a moment. Gives a sentence for the first one that cannot be had, naming its flag. */
export async function findBusyPort(wanted: readonly WantedPort[]): Promise<string | undefined> {
  for (const { flag, port } of wanted) {
    const other = wanted.find((one) => one.port === port && one.flag !== flag)
    if (other !== undefined && port !== 0)
      return `${flag} and ${other.flag} both ask for port ${port}; give one of them another.`
    const code = await tryPort(port)
    if (code === 'EADDRINUSE')
      return `Port ${port}, asked for by ${flag}, is in use by another process. Free it, or choose another with ${flag}.`
    if (code === 'EACCES')
      return `Port ${port}, asked for by ${flag}, needs more rights than this process has. Choose one from 1024 on with ${flag}.`
    if (code !== undefined) return `Port ${port}, asked for by ${flag}, cannot be used (${code}).`
  }
  return undefined
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(undefined)))
  })
}

/** Whether this machine can listen on IPv6. */
export function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port: 0, host: '::', ipv6Only: true }, () => server.close(() => resolve(true)))
  })
}
