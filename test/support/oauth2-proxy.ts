import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What oauth2-proxy does for a reverse proxy, with an identity provider that knows everybody who says a name. */
export interface OAuth2Proxy {
  readonly port: number
  /** The session of a user ends. */
  revoke(user: string): void
  /** The next answer for a user renews the cookie. */
  refresh(user: string): void
  close(): void
}

const COOKIE = '_oauth2_proxy'

export async function startOAuth2Proxy(): Promise<OAuth2Proxy> {
  const sessions = new Map<string, string>()
  const renewing = new Set<string>()
  let count = 0
  const begin = (user: string): string => {
    for (const [session, owner] of sessions) if (owner === user) sessions.delete(session)
    const session = `${user}-${++count}`
    sessions.set(session, user)
    return `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax`
  }
  const handlers: Readonly<Record<string, (request: IncomingMessage, url: URL, response: ServerResponse) => void>> = {
    // 202 with headers about the user, or 401; never a redirect.
    '/oauth2/auth': (request, _url, response) => {
      const user = sessions.get(sessionIn(request) ?? '')
      if (user === undefined) return void response.writeHead(401).end('Unauthorized\n')
      if (renewing.delete(user)) response.setHeader('Set-Cookie', begin(user))
      response.setHeader('X-Auth-Request-User', user)
      response.writeHead(202, { 'X-Auth-Request-Email': `${user}@example.com` }).end('Authenticated\n')
    },
    // To the identity provider; `rd` comes back in the state. Only paths of the own host are taken.
    '/oauth2/start': (_request, url, response) => {
      const back = url.searchParams.get('rd') ?? '/'
      const state = /^\/(?![/\\])/.test(back) ? back : '/'
      response
        .writeHead(302, { Location: `https://idp.example.com/authorize?state=${encodeURIComponent(state)}` })
        .end()
    },
    '/oauth2/callback': (_request, url, response) => {
      response.setHeader('Set-Cookie', begin(url.searchParams.get('code') ?? ''))
      response.writeHead(302, { Location: url.searchParams.get('state') ?? '/' }).end()
    },
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://oauth2-proxy')
    const handler = handlers[url.pathname]
    if (handler === undefined) response.writeHead(404).end()
    else handler(request, url, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    revoke(user) {
      for (const [session, owner] of sessions) if (owner === user) sessions.delete(session)
    },
    refresh: (user) => void renewing.add(user),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function sessionIn({ headers }: IncomingMessage): string | undefined {
  return (headers.cookie ?? '')
    .split('; ')
    .find((pair) => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1)
}
