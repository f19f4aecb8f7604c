import { request as requestHttp, type IncomingHttpHeaders } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Seen } from './echoes.js'
import type { CaseRequest } from './read-case.js'

interface Ports {
  readonly http: number
  readonly https: number
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly seen: Seen | undefined
}

/** Asks NGINX, and tells what it saw in the words of `expected`: line for line the same if everything is as it should be. */
export async function observe(one: CaseRequest, expected: readonly string[], ports: Ports): Promise<readonly string[]> {
  const answer = await ask(one, ports)
  return expected.map((line, i) => {
    if (i === 0) return observeOutcome(line, one, answer, ports)
    // Its address is another one here.
    if (/^at \S+$/.test(line)) return line
    const header = /^([<>]) ([^:$]+): /.exec(line)
    if (header === null)
      throw new Error(`NGINX cannot be asked for "${line}". Such a case needs "# pure: why" as its second line.`)
    const [, side, name = ''] = header
    return `${side} ${name}: ${textOf(side === '<' ? answer.headers : answer.seen?.headers, name, line)}`
  })
}

/** `to ns/name/port target (by)`, `301 https://… (by)`, `404`. */
function observeOutcome(
  line: string,
  { target }: CaseRequest,
  { status, headers, seen }: Answer,
  ports: Ports,
): string {
  const by = / \([a-z-]+\)$/i.exec(line)?.[0] ?? ''
  if (seen !== undefined) {
    const port = /^to [^/ ]+\/[^/ ]+\/(\S+)/.exec(line)?.[1] ?? '80'
    return `to ${seen.service}/${port}${seen.target === target ? '' : ` ${seen.target}`}${by}`
  }
  const refused = /^\d+ [^h(/]/.test(line) ? line.slice(String(status).length) : ''
  const location = headers.location === undefined ? '' : ` ${asListening(headers.location, ports)}`
  return `${status}${refused}${location}${by}`
}

/** The cases think that the listeners are on 80 and 443. */
function asListening(location: string, { http, https }: Ports): string {
  return location.replace(new RegExp(`:${http}(?=/|$)`), ':80').replace(new RegExp(`:${https}(?=/|$)`), ':443')
}

function textOf(headers: IncomingHttpHeaders | Seen['headers'] | undefined, name: string, line: string): string {
  const value = headers?.[name.toLowerCase()]
  if (value === undefined) return '(removed)'
  if (typeof value === 'string') return value
  // Several lines of one header: the one that is looked for, if it is there.
  return value.find((each) => line.endsWith(`: ${each}`)) ?? value.join(', ')
}

function ask({ method, url, target, headers }: CaseRequest, ports: Ports): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      method,
      path: target,
      headers: { host: url.host, ...headers },
      agent: false as const,
      ...(headers['client'] === undefined ? {} : { localAddress: headers['client'] }),
    }
    const asked =
      url.protocol === 'https:'
        ? requestHttps({ ...options, port: ports.https, servername: url.hostname, rejectUnauthorized: false })
        : requestHttp({ ...options, port: ports.http })
    asked.on('response', (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, seen: seenIn(response.headers, body) })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

function seenIn(headers: IncomingHttpHeaders, body: string): Seen | undefined {
  return headers['content-type'] === 'application/json' ? (JSON.parse(body) as Seen) : undefined // our own backend
}
