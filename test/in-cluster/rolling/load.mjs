// load.mjs HOST ADDRESS RATE: clients of every kind, RATE requests a second together, beside two slow downloads and two WebSockets
// at a time, until standard input ends. Then it prints one JSON: for each kind how many there were and how many went well,
// and each that did not. Nothing is tried a second time.
import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'

const [host, address, rate] = process.argv.slice(2)
const PATIENCE_MILLISECONDS = 30_000
const kept = new http.Agent({ keepAlive: true, maxSockets: 24 })
const body = randomBytes(3_000)
const digest = createHash('sha256').update(body).digest('hex')

/** @type {Record<string, { sent: number, good: number, slowestMilliseconds: number }>} */
const counts = {}
/** @type {object[]} */
const failures = []
// No number is used in two runs: logs hold those of several.
let number = Math.floor(Date.now() / 1000) * 100_000
let stopping = false

const several = (count, method, connection) => Array.from({ length: count }, () => [method, connection])
/** Of 20 requests. */
const mix = [
  ...several(9, 'GET', 'kept'),
  ...several(3, 'GET', 'new'),
  ...several(2, 'HEAD', 'kept'),
  ...several(4, 'POST', 'kept'),
  ...several(2, 'POST', 'new'),
]

function ask(path, { method = 'GET', connection = 'new', headers = {} }) {
  number += 1
  const agent = connection === 'kept' ? kept : false
  const own = { host, 'x-number': String(number), 'x-request-id': `load-${number}`, ...headers }
  return { number, request: http.request({ host: address, path: `${path}?n=${number}`, method, agent, headers: own }) }
}

/** One request that is over soon; the number of what `good` does not accept is a failure. */
function send(method, connection) {
  const kind = `${method} ${connection}`
  const headers = method === 'POST' ? { 'content-length': String(body.length) } : {}
  const { number, request } = ask('/', { method, connection, headers })
  let started = Date.now()
  // Before that it waits for one of the kept connections.
  request.once('socket', () => (started = Date.now()))
  return new Promise((resolve) => {
    const end = (reason, pod) => {
      clearTimeout(timer)
      record(kind, number, started, reason, pod)
      resolve()
    }
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), PATIENCE_MILLISECONDS)
    request.on('error', (error) => end(error.code ?? error.message))
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => (text += part))
      response.on('error', (error) => end(`${error.code ?? error.message} in the answer`))
      response.on('end', () => {
        const pod = response.headers['x-pod']
        const wanted = { GET: `${String(pod)}\n`, HEAD: '', POST: digest }[method]
        if (response.statusCode !== 200) end(`status ${response.statusCode}`, pod)
        else end(text === wanted ? undefined : 'another body', pod)
      })
    })
    request.end(method === 'POST' ? body : undefined)
  })
}

/** `reason`: why it failed. */
function record(kind, number, started, reason, pod) {
  const ended = Date.now()
  const count = (counts[kind] ??= { sent: 0, good: 0, slowestMilliseconds: 0 })
  count.sent += 1
  count.slowestMilliseconds = Math.max(count.slowestMilliseconds, ended - started)
  if (reason === undefined) count.good += 1
  else failures.push({ kind, number, started, ended, reason, pod })
}

/** One slow download after another, each about 3 s. */
async function downloads() {
  while (!stopping) {
    const { number, request } = ask('/download', {})
    const started = Date.now()
    let pod
    const reason = await new Promise((resolve) => {
      request.on('error', (error) => resolve(error.code ?? error.message))
      request.on('response', (response) => {
        pod = response.headers['x-pod']
        if (response.statusCode !== 200) resolve(`status ${response.statusCode}`)
        response.on('error', (error) => resolve(`${error.code ?? error.message} in the answer`))
        response.on('end', () => resolve(undefined))
        response.resume()
      })
      request.end()
    })
    record('download', number, started, reason, pod)
  }
}

/** One WebSocket after another, each about 3 s, with a message every 100 ms that has to come back. */
async function tunnels() {
  while (!stopping) {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    const { number, request } = ask('/tunnel', {
      headers: { ...headers, 'sec-websocket-key': randomBytes(16).toString('base64') },
    })
    const started = Date.now()
    let pod
    const reason = await new Promise((resolve) => {
      request.on('error', (error) => resolve(error.code ?? error.message))
      request.on('response', (response) => resolve(`status ${response.statusCode}`))
      request.on('upgrade', (response, socket) => {
        pod = response.headers['x-pod']
        talk(socket, resolve)
      })
      request.end()
    })
    record('websocket', number, started, reason, pod)
  }
}

function talk(socket, resolve) {
  const messages = 30
  let sent = ''
  let count = 0
  let back = ''
  const timer = setInterval(() => {
    if (count >= messages) return
    count += 1
    const message = `${count};`
    sent += message
    socket.write(message)
  }, 100)
  const end = (reason) => {
    clearInterval(timer)
    clearTimeout(patience)
    socket.destroy()
    resolve(reason)
  }
  const patience = setTimeout(() => end('a message did not come back'), PATIENCE_MILLISECONDS)
  socket.on('data', (bytes) => {
    back += bytes.toString()
    if (count >= messages && back === sent) end(undefined)
  })
  socket.on('error', (error) => end(`${error.code ?? error.message} in the tunnel`))
  socket.on('close', () => end('closed'))
}

/** As many as are due, so that a late timer loses nothing of the rate. */
async function requests() {
  const under = new Set()
  const began = Date.now()
  let done = 0
  while (!stopping) {
    const due = Math.floor(((Date.now() - began) / 1000) * Number(rate))
    for (; done < due; done += 1) {
      const [method, connection] = mix[(done * 7) % mix.length]
      const one = send(method, connection).finally(() => under.delete(one))
      under.add(one)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const seconds = (Date.now() - began) / 1000
  await Promise.all(under)
  return seconds
}

process.stdin.resume()
process.stdin.once('end', () => (stopping = true))
const [seconds] = await Promise.all([requests(), downloads(), downloads(), tunnels(), tunnels()])
// A long text does not go through a pipe at once.
process.stdout.write(`${JSON.stringify({ seconds, counts, failures })}\n`, () => process.exit(0))
