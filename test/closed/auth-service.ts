import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AuthService {
  readonly url: string
  close(): void
}

/** Answers 200 to those who are known, and 401 to others. */
export async function startAuthService(isKnown: (headers: IncomingHttpHeaders) => boolean): Promise<AuthService> {
  const server = createServer((request, response) => {
    response.statusCode = isKnown(request.headers) ? 200 : 401
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
