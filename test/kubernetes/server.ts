import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Access } from '../../src/kubernetes/access.js'
import { usualTrust } from '../../src/kubernetes/access.js'
import { fixedCredentials, noCredential } from '../../src/kubernetes/credentials.js'

/** A server on a free port of the loopback device, with HTTPS where a certificate is given. */
export interface TestServer {
  readonly url: string
  readonly port: number
  /** Connections that were ever opened, and those that are open now. */
  connections(): { readonly opened: number; readonly open: number }
  /** Cuts every connection and stops listening. */
  stop(): Promise<void>
}

export interface ServerTls {
  readonly cert: string
  readonly key: string
  /** Clients must show a certificate of this authority. */
  readonly clientAuthority?: string
}

export async function startServer(handler: RequestListener, tls?: ServerTls, port = 0): Promise<TestServer> {
  const sockets = new Set<Socket>()
  let opened = 0
  const server =
    tls === undefined
      ? createServer(handler)
      : createTlsServer(
          {
            cert: tls.cert,
            key: tls.key,
            ...(tls.clientAuthority === undefined
              ? {}
              : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: false }),
          },
          handler,
        )
  server.on('connection', (socket: Socket) => {
    opened += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo // it listens on a port, so it is no pipe
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  onTestFinished(stop)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${tls === undefined ? '127.0.0.1' : 'localhost'}:${address.port}`,
    port: address.port,
    connections: () => ({ opened, open: sockets.size }),
    stop,
  }
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** What an API server says when it refuses. */
export function statusBody(code: number, reason: string, message: string, details?: object): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message,
    ...(details === undefined ? {} : { details }),
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

/** Access over plain HTTP without credentials. */
export function plainAccess(url: string, changes: Partial<Access> = {}): Access {
  const credentials = fixedCredentials(noCredential)
  return { server: new URL(url), trust: usualTrust, credentials, namespace: 'default', ...changes }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-kubernetes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function writeFile(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o700 })
  return path
}

/** Asks again until the fact holds; throws with what it saw last after 30 s. */
export async function until(fact: () => boolean, seen: () => unknown = () => ''): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!fact()) {
    if (Date.now() > deadline) throw new Error(`it did not become so: ${JSON.stringify(seen())}`)
    await pause(5)
  }
}
