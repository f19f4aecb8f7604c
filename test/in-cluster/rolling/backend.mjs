// A backend whose own log, /log/POD, tells what it was sent: a line `post NUMBER` for each POST before anything else is done
// with it. At SIGTERM it finishes what is under way and ends its tunnels. backend.sh runs it.
import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { POD_NAME } = process.env
const CHUNK = Buffer.alloc(16_384, 'x')
const tunnels = new Set()

const log = (line) => appendFileSync(`/log/${POD_NAME}`, `${line}\n`)

const server = createServer((request, response) => {
  response.setHeader('x-pod', POD_NAME)
  if (request.method === 'POST') return take(request, response)
  if (request.url.startsWith('/download')) return download(response)
  response.end(`${POD_NAME}\n`)
})

/** Answers with the digest of the body. */
function take(request, response) {
  log(`post ${request.headers['x-number']}`)
  const digest = createHash('sha256')
  request.on('data', (bytes) => digest.update(bytes))
  request.on('end', () => response.end(digest.digest('hex')))
}

/** 30 parts, one each 100 ms. */
function download(response) {
  let left = 30
  response.writeHead(200, { 'content-length': String(left * CHUNK.length) })
  const timer = setInterval(() => {
    left -= 1
    if (left > 0) return void response.write(CHUNK)
    clearInterval(timer)
    response.end(CHUNK)
  }, 100)
  response.on('close', () => clearInterval(timer))
}

/** Sends everything back. */
server.on('upgrade', (request, socket, head) => {
  tunnels.add(socket)
  socket.on('error', () => undefined)
  socket.on('close', () => tunnels.delete(socket))
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  const head101 = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`${[...head101, `Sec-WebSocket-Accept: ${accept}`, `X-Pod: ${POD_NAME}`].join('\r\n')}\r\n\r\n`)
  socket.write(head)
  socket.pipe(socket)
})

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  for (const socket of tunnels) socket.end()
})

server.listen(8080)
