// Runs in a cluster's network namespace, where the tests' own process is not: backends that answer with their name, single
// requests, and steady clients that count. Takes requests as lines of JSON and answers each with a line; ends with its input.
import { createServer, Agent, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const loads = new Map()

const calls = {
  backend: ({ address, port, name }) =>
    new Promise((resolve, reject) => {
      const server = createServer((_, response) => response.end(name))
      server.on('error', reject)
      server.listen(port, address, () => resolve({}))
    }),
  get: ({ target, path }) => get(target, path),
  async countKept({ target }) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let count = 1; ; count += 1) {
      const { closes } = await get(target, '/', agent)
      if (closes) return count
    }
  },
  /** Makes objects in a collection, sixteen at a time. */
  async create({ url, ca, token, path, objects }) {
    const agent = new TlsAgent({ keepAlive: true, maxSockets: 16, ca })
    const queue = objects.values()
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const object of queue) await post(url + path, agent, token, object)
      }),
    )
    agent.destroy()
    return {}
  },
  load({ id, targets, pauseMilliseconds }) {
    const load = { requests: 0, failed: [], busy: true }
    // One of each kind: most faults show on a kept connection or on a new one only.
    load.loops = targets.flatMap((target) => [repeat(load, target, true), repeat(load, target, false)])
    load.pauseMilliseconds = pauseMilliseconds
    loads.set(id, load)
    return {}
  },
  count({ id }) {
    const { requests, failed } = loads.get(id)
    return { requests, failed }
  },
  async stop({ id }) {
    const load = loads.get(id)
    load.busy = false
    await Promise.all(load.loops)
    loads.delete(id)
    return { requests: load.requests, failed: load.failed }
  },
}

async function repeat(load, target, keepAlive) {
  const agent = new (target.tls ? TlsAgent : Agent)({ keepAlive, maxSockets: 1 })
  while (load.busy) {
    const reply = await get(target, '/', agent).catch((cause) => ({ status: 0, body: String(cause) }))
    load.requests += 1
    if (reply.status !== 200 || reply.body !== target.body)
      load.failed.push(`${new Date().toISOString()} ${target.host}: ${reply.status} ${reply.body.slice(0, 80)}`)
    await sleep(load.pauseMilliseconds)
  }
  agent.destroy()
}

function get({ port, host, tls }, path, agent) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { host }, agent: agent ?? false }
    const send = tls ? requestHttps : requestHttp
    const asked = send(tls ? { ...options, servername: host, rejectUnauthorized: false } : options, (response) => {
      const fingerprint = tls ? response.socket.getPeerCertificate().fingerprint256 : undefined
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text) => (body += text))
      const closes = response.headers.connection === 'close'
      response.on('end', () => resolve({ status: response.statusCode, body, fingerprint, closes }))
      response.on('error', reject)
    })
    asked.setTimeout(30_000, () => asked.destroy(new Error('no answer in 30 s')))
    asked.on('error', reject)
    asked.end()
  })
}

function post(url, agent, token, object) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const asked = requestHttps(url, { method: 'POST', agent, headers }, (response) => {
      let body = ''
      response.on('data', (bytes) => (body += bytes))
      response.on('end', () => (response.statusCode === 201 ? resolve() : reject(new Error(body))))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify(object))
  })
}

for await (const line of createInterface({ input: process.stdin })) {
  const { number, call, ...parameters } = JSON.parse(line)
  void Promise.resolve()
    .then(() => calls[call](parameters))
    .then(
      (value) => ({ number, value }),
      (cause) => ({ number, failure: String(cause) }),
    )
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`))
}
process.exit(0)
