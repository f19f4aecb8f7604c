import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createOcspAuthority } from '../../../test/support/ocsp.js'
import { askResponder, type Reach } from './ask.js'
import { questionOf } from './question.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // it listens on TCP
}

function ask(responder: string, reach: Reach = 'this machine too', patience?: number): ReturnType<typeof askResponder> {
  const authority = createOcspAuthority('asked')
  const asked = questionOf(authority.issue({ names: ['a.test'], responder }).chain)
  authority.remove()
  if (!asked.ok) throw new Error(asked.reason)
  return askResponder(asked.question, reach, patience)
}

test('the request is a POST of its type, and the answer is what comes', async () => {
  const port = await listen((request, response) => {
    response.end(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''}`)
  })
  const reply = await ask(`http://127.0.0.1:${port}/ocsp`)
  expect(reply.ok && reply.bytes.toString()).toBe('POST /ocsp application/ocsp-request')
})

test('nobody on this machine is asked, by address or by name, unless that is allowed', async () => {
  let count = 0
  const port = await listen((_, response) => {
    count++
    response.end('x')
  })
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '[::1]', '0.0.0.0', '2130706433'])
    expect(await ask(`http://${host}:${port}/`, 'others'), host).toMatchObject({
      ok: false,
      reason: expect.stringContaining('at an address that is not asked'),
    })
  expect(count).toBe(0)
  expect(await ask(`http://localhost:${port}/`)).toMatchObject({ ok: true })
})

test.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://[::]/', 'http://224.0.0.1/'])(
  '%s is never asked',
  async (responder) => {
    expect(await ask(responder)).toEqual({ ok: false, reason: 'is at an address that is not asked' })
  },
)

test('a redirect is not followed', async () => {
  let count = 0
  const port = await listen((_, response) => {
    count++
    response.writeHead(302, { location: '/' }).end()
  })
  expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({ ok: false, reason: 'answered 302' })
  expect(count).toBe(1)
})

test('an answer without end is not read to it', async () => {
  const port = await listen((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(4096)));
    }
    response.on('drain', more)
    more()
  })
  expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({ ok: false, reason: 'answered with more than 16384 bytes' })
})

test('who does not answer is not waited for, and who is not there is said', async () => {
  const port = await listen((_, response) => void response.write('x'))
  expect(await ask(`http://127.0.0.1:${port}/`, 'this machine too', 1_000)).toEqual({
    ok: false,
    reason: 'did not answer in time',
  })
  servers[0]?.close()
  expect(await ask('http://127.0.0.1:1/')).toMatchObject({ ok: false, reason: expect.stringContaining('ECONNREFUSED') })
})
