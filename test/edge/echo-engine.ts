import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../src/apply/engine/engine.js'

/** A GET request as bytes: one character per byte. */
export interface RawRequest {
  readonly target: string
  /** undefined: no Host header. */
  readonly host: string | undefined
  readonly version: '1.0' | '1.1'
}

/** What NGINX made of a request: its `$host`, `$uri` and `$request_uri`, or the status of its refusal. */
export type Echo =
  | { readonly kind: 'ok'; readonly host: string; readonly path: string; readonly target: string }
  | { readonly kind: 'refused'; readonly status: number }

/** A running NGINX that answers with what it understood. */
export interface EchoEngine {
  readonly socketPath: string
  /**
   * Sends requests over one connection after the other and gives their answers in the same order. `isLast` says which
   * requests are expected to end a connection; a wrong guess costs time only.
   */
  ask(requests: readonly RawRequest[], isLast: (request: RawRequest) => boolean): Promise<readonly Echo[]>
  stop(): Promise<void>
}

export async function startEcho(engine: Engine): Promise<EchoEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-echo-'))
  await chmod(folder, 0o711)
  const socketPath = join(folder, 'socket')
  await writeFile(join(folder, 'nginx.conf'), frame(engine, folder, socketPath))
  const [program = '', ...first] = engine.command
  const errorLog = join(folder, 'error.log')
  const args = [...first, '-p', folder, '-e', errorLog, '-c', join(folder, 'nginx.conf')]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  await untilListening(child, socketPath, errorLog)
  return {
    socketPath,
    ask: (requests, isLast) => askAll(socketPath, requests, isLast),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Hexadecimal, since every byte can occur in what is echoed. */
function frame(engine: Engine, folder: string, socketPath: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/t;`)
  return `${engine.modules.map((file) => `load_module ${file};`).join('\n')}
${process.getuid?.() === 0 ? 'user nobody nogroup;' : ''}
daemon off; worker_processes 1; pid ${folder}/pid;
events { worker_connections 256; }
http {
  ${temporary.join(' ')}
  access_log off; keepalive_requests 1000000; merge_slashes on;
  lua_package_path "${engine.luaPackagePath};;"; lua_package_cpath "${engine.luaPackageCpath};;";
  server {
    listen unix:${socketPath} default_server; http2 on; server_name _;
    location / { content_by_lua_block {
      local function hex(text)
        return (string.gsub(text, '.', function(byte) return string.format('%02x', string.byte(byte)) end))
      end
      local answer = hex(ngx.var.host) .. ' ' .. hex(ngx.var.uri) .. ' ' .. hex(ngx.var.request_uri)
      ngx.header['Content-Length'] = #answer
      ngx.print(answer)
    } }
  }
}
`
}

async function untilListening(child: ChildProcess, socketPath: string, errorLog: string): Promise<void> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const socket = createConnection(socketPath)
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (connected) return
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`NGINX did not start: ${await readFile(errorLog, 'utf8').catch(String)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const BATCH = 64
const CONNECTIONS = 8

async function askAll(
  socketPath: string,
  requests: readonly RawRequest[],
  isLast: (request: RawRequest) => boolean,
): Promise<readonly Echo[]> {
  const answers: Echo[] = []
  const ending: number[][] = []
  const going: number[] = []
  for (const [index, request] of requests.entries()) {
    if (isLast(request)) ending.push([index])
    else going.push(index)
  }
  const batches = ending
  for (let i = 0; i < going.length; i += BATCH) batches.push(going.slice(i, i + BATCH))
  const work = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const got = await converse(
        socketPath,
        batch.map((index) => requestAt(requests, index)),
      )
      for (const [i, answer] of got.entries()) answers[batch[i] ?? -1] = answer
      if (got.length === 0) throw new Error(`no answer to ${JSON.stringify(requestAt(requests, batch[0] ?? 0))}`)
      if (got.length < batch.length) batches.push(batch.slice(got.length))
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return answers
}

function requestAt(requests: readonly RawRequest[], index: number): RawRequest {
  const request = requests[index]
  if (request === undefined) throw new Error(`no request ${index}`)
  return request
}

/** Sends all requests at once; gives the answers up to the one with which NGINX closed the connection. */
function converse(socketPath: string, requests: readonly RawRequest[]): Promise<readonly Echo[]> {
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection(socketPath)
    const answers: Echo[] = []
    let received = ''
    socket.setEncoding('latin1').setTimeout(10_000)
    socket.on('data', (chunk: string) => {
      received += chunk
      for (let parsed = parseAnswer(received); parsed !== undefined; parsed = parseAnswer(received)) {
        answers.push(parsed.echo)
        received = received.slice(parsed.length)
      }
      if (answers.length >= requests.length) socket.destroy()
    })
    socket.on('timeout', () => socket.destroy(new Error(`no end of answers to ${JSON.stringify(requests)}`)))
    // NGINX closes while requests are on their way to it; what it answered before that is what counts.
    socket.on('error', (error) => ('code' in error ? undefined : reject(error)))
    socket.on('close', () => resolve(answers))
    socket.write(requests.map(textOf).join(''), 'latin1')
  })
}

function textOf({ target, host, version }: RawRequest): string {
  const hostLine = host === undefined ? '' : `Host: ${host}\r\n`
  return `GET ${target} HTTP/${version}\r\n${hostLine}Connection: keep-alive\r\n\r\n`
}

function parseAnswer(received: string): { echo: Echo; length: number } | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const length = /\r\nContent-Length: (\d+)\r\n/.exec(received.slice(0, headEnd + 2))?.[1]
  if (length === undefined) throw new Error(`an answer without length: ${received.slice(0, headEnd)}`)
  const end = headEnd + 4 + Number(length)
  if (received.length < end) return undefined
  const status = Number(received.slice(9, 12))
  const echo = status === 200 ? decodeEcho(received.slice(headEnd + 4, end)) : ({ kind: 'refused', status } as const)
  return { echo, length: end }
}

export function decodeEcho(body: string): Echo {
  const [host = '', path = '', target = ''] = body.split(' ').map((hex) => Buffer.from(hex, 'hex').toString('latin1'))
  return { kind: 'ok', host, path, target }
}
