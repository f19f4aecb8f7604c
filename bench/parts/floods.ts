import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../figure.js'
import { hostName } from '../hosts.js'
import { endProcess } from '../rim/cleanup.js'
import { runLoad } from '../rim/load.js'
import type { Backend } from '../rim/nginx.js'
import { besideProxy, type Setting } from '../rim/setting.js'
import { variantsFor, type Workload } from '../scenarios.js'
import { quantile, rotated } from '../statistics.js'
import { type RunningVariant, startVariants } from './proxies.js'

/** What a flood sends in a second; `none` is what the others are compared with. */
const kinds = [
  ['none', 'no flood'],
  ['hosts', '4,000 requests for Hosts that nobody declared'],
  ['names', '200 handshakes for names that nobody declared'],
  ['resets', '4,000 streams of HTTP/2 that are reset at once'],
  ['heads', '1,000 frames of 4 KB of heads that never end'],
  ['slow', '2,000 connections with heads that drip'],
] as const

/** Somebody else, meanwhile. */
const others: Workload = {
  id: 'floods',
  label: 'HTTP/1.1, kept connections, 400 requests per second',
  scheme: 'http',
  looksAt: 'latency',
  compares: 'sizes',
  generator: { tool: 'h2load', protocol: 'h1', processes: 1, connections: 8, streams: 1, rate: 400 },
}

const ROUNDS = 3
const SECONDS = 4
const FLOOD = fileURLToPath(new URL('../rim/flood.js', import.meta.url))

/** How long others wait under floods: p99 of Fairlead against that of plain NGINX under the same flood, and against no flood. */
export async function measureFloods(setting: Setting, backend: Backend): Promise<readonly Figure[]> {
  const compared = variantsFor([1]).filter(({ id }) => id === 'plain-1' || id === 'fairlead-1')
  const variants = await startVariants(setting, compared, backend)
  const figures: Figure[] = []
  const calm = new Map<string, number>()
  for (const [kind, label] of kinds) {
    const times = await measureKind(setting, variants, kind)
    const [plain = Number.NaN, fairlead = Number.NaN] = ['plain-1', 'fairlead-1'].map(
      (id) => times.get(id) ?? Number.NaN,
    )
    setting.say(
      `  ${label}: p99 of others ${plain.toFixed(2)} ms with plain NGINX, ${fairlead.toFixed(2)} ms with Fairlead`,
    )
    if (kind === 'none') for (const [id, time] of times) calm.set(id, time)
    const growth = (id: string): number => (times.get(id) ?? 0) / (calm.get(id) ?? 1)
    const note = `p99 ${fairlead.toFixed(2)} ms; plain NGINX ${plain.toFixed(2)} ms`
    figures.push({
      id: `flood-${kind}`,
      what: `p99 of others, ${label}: against plain NGINX`,
      unit: 'times',
      value: fairlead / plain,
      note,
    })
    if (kind === 'none') continue
    figures.push({
      id: `flood-${kind}-growth`,
      what: 'the same against no flood',
      unit: 'times',
      value: growth('fairlead-1'),
      goal: { atMost: 2, aim: 1.5 },
      note: `plain NGINX ${growth('plain-1').toFixed(2)} x`,
    })
  }
  for (const { proxy } of variants) proxy.end()
  return figures
}

/** The median of the rounds, by variant. */
async function measureKind(
  setting: Setting,
  variants: readonly RunningVariant[],
  kind: string,
): Promise<ReadonlyMap<string, number>> {
  const rounds = new Map<string, number[]>(variants.map(({ variant }) => [variant.id, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { variant, proxy, hosts } of rotated(variants, round)) {
      const end = kind === 'none' ? () => undefined : await beginFlood(setting, kind, proxy.http, proxy.https)
      const { latencies, failures } = await runLoad(setting, {
        port: proxy.http,
        workload: others,
        hosts,
        seconds: SECONDS,
        round,
      })
      end()
      if (failures > 0) throw new Error(`${variant.label}, ${kind}: ${failures} requests of others failed`)
      rounds.get(variant.id)?.push(quantile(latencies, 0.99))
      proxy.emptyLog()
    }
  }
  return new Map([...rounds].map(([id, values]) => [id, quantile(values, 0.5)]))
}

/** Back when it has begun. */
async function beginFlood(setting: Setting, kind: string, http: number, https: number): Promise<() => void> {
  const args = [kind, http, https, hostName(0), SECONDS + 5].map(String)
  const [program = '', ...rest] = besideProxy(setting, [process.execPath, FLOOD, ...args])
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const end = setting.cleanup.add(() => endProcess(child.pid, 'SIGKILL'))
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  return end
}
