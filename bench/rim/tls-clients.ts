import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'

/**
 * A load generator as wrk is, for what wrk cannot: clients that have a certificate. A process of its own; its arguments
 * are port, server name, connections, seconds, and the files of certificate and key. Each connection asks again when it
 * has its answer. The last line of its output is wrk's.
 */
const [port = '', host = '', connections = '', seconds = '', certificate = '', key = ''] = process.argv.slice(2)
const identity = { cert: readFileSync(certificate), key: readFileSync(key) }
const request = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`
const counts = { requests: 0, errors: 0, refused: 0 }
let over = false

const sockets = new Set<TLSSocket>()
for (let i = 0; i < Number(connections); i++) open()
setTimeout(() => {
  over = true
  for (const socket of sockets) socket.destroy()
  process.stdout.write(`${JSON.stringify({ ...counts, microseconds: Number(seconds) * 1e6 })}\n`)
}, Number(seconds) * 1000)

/**
 * Asks until the server says that the connection ends, as NGINX does after keepalive_requests; then another takes its
 * place.
 */
function open(): void {
  const options = { host: '127.0.0.1', port: Number(port), servername: host, rejectUnauthorized: false, ...identity }
  const socket = connect(options, () => socket.write(request))
  let answer = ''
  let isLast = false
  sockets.add(socket)
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    answer += text
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(answer)
    const head = answer.indexOf('\r\n\r\n')
    if (head < 0 || answer.length < head + 4 + Number(length?.[1] ?? 0)) return
    counts.requests++
    if (!answer.startsWith('HTTP/1.1 2')) counts.refused++
    isLast = /\r\nconnection: close\r\n/i.test(answer)
    answer = ''
    if (isLast) socket.end()
    else socket.write(request)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    if (over) return
    if (!isLast) counts.errors++
    sockets.delete(socket)
    open()
  })
}
