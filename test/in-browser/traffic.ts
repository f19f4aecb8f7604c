import { appendFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { join } from 'node:path'
import { HOSTILE, type World } from './world.js'

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0',
  'curl/8.14.1',
]

/** A user agent that would be HTML if it were taken for it. */
export const HOSTILE_AGENT = '<script>alert(3)</script>'

/** Requests through NGINX: pages, errors, the canary, hostile texts. How many there were. */
export async function sendTraffic({ program }: World): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const secureAgent = new SecureAgent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false })
  const one = (host: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      const isSecure = host === 'shop.example.com'
      const options = { host: '127.0.0.1', path, headers: { host, ...headers } }
      const asked = isSecure
        ? secureRequest({ ...options, port: program.https, agent: secureAgent, servername: host })
        : request({ ...options, port: program.http, agent })
      asked.on('response', (response) => {
        response.resume()
        response.on('end', resolve)
      })
      asked.on('error', reject)
      asked.end()
    })
  let sent = 0
  const send = async (host: string, path: string, headers?: Readonly<Record<string, string>>): Promise<void> => {
    sent += 1
    await one(host, path, headers)
  }
  for (let i = 0; i < 120; i++) {
    const headers = { 'user-agent': AGENTS[i % AGENTS.length] ?? '' }
    await Promise.all([
      send(`site-${String(i % 12).padStart(4, '0')}.example.com`, `/page/${i % 7}`, headers),
      send('api.example.com', `/items/${i % 3}?n=${i}`, headers),
      send(i % 5 === 0 ? 'lost.example.com' : 'site-0001.example.com', '/basket', headers),
      send('shop.example.com', `/cart/${i % 4}`, headers),
      send(i % 6 === 0 ? 'nobody.example.org' : 'site-0002.example.com', '/', headers),
    ])
  }
  await send('hostile.example.com', encodeURI(HOSTILE), { 'user-agent': HOSTILE_AGENT })
  await send('site-0003.example.com', `/${encodeURIComponent('<img src=x onerror=alert(4)>')}`)
  agent.destroy()
  secureAgent.destroy()
  return sent
}

/** So many requests of one host, one after another. */
export async function sendTo({ program }: World, host: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let i = 0; i < count; i++)
    await new Promise<void>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: program.http, path: '/', headers: { host }, agent })
      asked.on('response', (response) => {
        response.resume()
        response.on('end', resolve)
      })
      asked.on('error', reject)
      asked.end()
    })
  agent.destroy()
}

const DAY = 86_400_000
const MINUTE = 60_000

/**
 * Writes into NGINX's log what it would have said before: a day with its hours, the seven days before it, and a minute 20
 * minutes ago in which a Service failed. Curves need a past, and a test has none.
 */
export function writePast({ program }: World, now: number): void {
  const lines: string[] = []
  for (const before of [7, 6, 5, 4, 3, 2, 1, 0].map((days) => days * DAY))
    for (let minute = 24 * 60 - 1; minute > 1; minute -= before === 0 && minute <= 180 ? 1 : before === 0 ? 15 : 30) {
      const time = now - before - minute * MINUTE
      const span = before > 0 ? 30 : minute > 180 ? 15 : 1
      const hour = new Date(time).getUTCHours()
      const usual = Math.round((before === 0 ? 2 : 1.4) + Math.sin((hour / 24) * 2 * Math.PI) + (minute % 3) / 2) * span
      const count = before === 0 && minute === 21 ? usual * 9 : usual
      // In the same second: what is added up by intervals costs by interval.
      for (let i = 0; i < count; i++) lines.push(lineOf(time, minute, i, before === 0 && minute === 21))
    }
  appendFileSync(join(program.state, 'log', 'access.log'), `${lines.join('\n')}\n`)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function lineOf(time: number, minute: number, i: number, failing: boolean): string {
  const at = new Date(time)
  const two = (value: number): string => String(value).padStart(2, '0')
  const stamp = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()] ?? ''}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
  const alternative = i % 4 === 3 ? 'test-front-next-80' : ''
  const status = failing && i % 2 === 0 ? 502 : i % 11 === 5 ? 404 : 200
  const seconds = (
    (alternative === '' ? 0.03 : 0.022) *
    (1 + ((minute * 7 + i * 3) % 10) / 10) *
    (failing ? 12 : 1)
  ).toFixed(3)
  const client = `203.0.113.${(minute * 3 + i) % 90}`
  const agent = AGENTS[(minute + i) % AGENTS.length] ?? ''
  const host = i % 3 === 0 ? 'www.example.com' : 'shop.example.com'
  return `${client} - [${client}] - - [${stamp}] "GET /cart/${i % 9} HTTP/1.1" ${status} ${900 + ((minute * 37 + i) % 4000)} "-" "${agent}" ${300 + i} ${seconds} [test-front-80] 127.0.0.1:9001 900 ${seconds} ${status} id${minute}-${i} ${host} [${alternative}]`
}
