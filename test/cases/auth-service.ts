import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** In cases, where the auth service is; the test that asks NGINX puts the address of a real one in its place. */
export const AUTH_ADDRESS = '127.0.0.1:4180'

/** An answer of the auth service of the cases. */
export interface ScriptedAnswer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/**
 * The client says in a header what it wants to be told: `Answers: 401 WWW-Authenticate=Basic | X-Asked={:method}
 * {:path}`, and of each `{name}` becomes that header of the question, or `-`. Without the header everybody may come in.
 */
export function scriptedAnswer(
  method: string,
  target: string,
  headers: Readonly<Record<string, string | undefined>>,
): ScriptedAnswer {
  const [, status = '200', rest = ''] = /^(\d+) ?(.*)$/.exec(headers['answers'] ?? '') ?? []
  const valueOf = (name: string): string =>
    name === ':method' ? method : name === ':path' ? target : (headers[name] ?? '-')
  const lines = rest === '' ? [] : rest.split(' | ')
  return {
    status: Number(status),
    headers: lines.map((line) => {
      const sign = line.indexOf('=')
      return [
        line.slice(0, sign),
        line.slice(sign + 1).replaceAll(/\{([\w:-]+)\}/g, (_, name: string) => valueOf(name)),
      ]
    }),
  }
}

export interface AuthServer {
  readonly port: number
  close(): Promise<void>
}

/** The same over HTTP. */
export async function startAuthServer(): Promise<AuthServer> {
  const server = createServer((request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    )
    const answer = scriptedAnswer(request.method ?? '', request.url ?? '', headers)
    for (const [name, value] of answer.headers) response.appendHeader(name, value)
    response.writeHead(answer.status).end('nobody reads this')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The objects of a case, with the address of a real auth service. */
export function withAuthServer(objects: readonly object[], { port }: AuthServer): readonly object[] {
  return JSON.parse(JSON.stringify(objects).replaceAll(AUTH_ADDRESS, `127.0.0.1:${port}`)) as readonly object[] // the same form
}
