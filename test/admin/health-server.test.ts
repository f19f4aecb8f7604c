import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HealthServer, startHealthServer } from '../../src/admin/health-server.js'
import { PATIENCE, type Patience } from '../../src/admin/patience.js'
import { until } from '../serve/program.js'

const NO_METRICS = () => Promise.resolve({ contentType: 'text/plain', pieces: [] })

let server: HealthServer

beforeEach(async () => {
  server = await start(PATIENCE)
})

afterEach(() => server.close())

function start(patience: Patience): Promise<HealthServer> {
  const health = { stopping: false, nginx: 1, ready: true, reason: 'all is live' }
  return startHealthServer({ host: '127.0.0.1', port: 0, path: '/healthz' }, () => health, NO_METRICS, patience)
}

/** The first line of the answer, or what became of the connection. */
function ask(target: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: health\r\nConnection: close\r\n\r\n`),
    )
    socket.on('data', (bytes) => (text += bytes.toString('latin1')))
    socket.on('error', () => resolve('an error'))
    socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''))
  })
}

describe('the health server', () => {
  test.each(['//', '//[', '/%', 'http://', 'http://[/healthz', '/?%zz', '/healthz/..%2f'])(
    'answers %s with 404 and lives on',
    async (target) => {
      expect(await ask(target)).toBe('HTTP/1.1 404 Not Found')
      expect(await ask('/healthz?verbose')).toBe('HTTP/1.1 200 OK')
    },
  )

  test('OBS-1 OBS-2: the query is read', async () => {
    expect(await ask('/healthz?exclude=nginx-ingress-controller&exclude=ping&verbose=')).toBe('HTTP/1.1 200 OK')
  })

  test('answers while more connections say nothing than it has places; the oldest makes room', async () => {
    const silent: Socket[] = []
    try {
      const closed = new Set<Socket>()
      for (let i = 0; i < 1_200; i++) {
        const socket = connect(server.port, '127.0.0.1')
        socket.on('error', () => undefined)
        socket.on('close', () => closed.add(socket))
        silent.push(socket)
        if (i % 100 === 0) await new Promise((resolve) => socket.once('connect', resolve))
      }
      expect(await ask('/healthz')).toBe('HTTP/1.1 200 OK')
      await until(() => Promise.resolve(closed.size >= 176), 30_000)
      expect(silent.slice(0, 100).every((socket) => closed.has(socket))).toBe(true)
    } finally {
      for (const socket of silent) socket.destroy()
    }
  })

  test('closes what says nothing, and what never comes to the end of its head', async () => {
    server.close()
    server = await start({ headersTimeout: 500, requestTimeout: 1_000, connectionsCheckingInterval: 100 })
    const silent = connect(server.port, '127.0.0.1')
    const slow = connect(server.port, '127.0.0.1', () => slow.write('GET /healthz HTTP/1.1\r\nHost: a\r\n'))
    const closed = (socket: Socket): Promise<unknown> =>
      new Promise((resolve) =>
        socket
          .on('error', () => undefined)
          .on('close', resolve)
          .resume(),
      )
    const drip = setInterval(() => slow.write('x: y\r\n'), 50)
    await Promise.all([closed(silent), closed(slow)])
    clearInterval(drip)
    expect(await ask('/healthz')).toBe('HTTP/1.1 200 OK')
  })
})
