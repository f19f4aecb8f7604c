import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../figure.js'
import { hostName } from '../hosts.js'
import { endProcess } from '../rim/cleanup.js'
import { letOthersFirst } from '../rim/machine.js'
import { runLoad } from '../rim/load.js'
import type { Backend } from '../rim/nginx.js'
import { besideProxy, type Setting } from '../rim/setting.js'
import { variantsFor, type Workload } from '../scenarios.js'
import { quantile, rotated } from '../statistics.js'
import { type RunningVariant, startVariants } from './proxies.js'

/**
 * Kind, part of the full rate, and what that is in a second. From 1,000 on those of HTTP/2 are more than plain NGINX
 * takes lightly.
 */
const kinds = [
  ['hosts', 1, '4,000 requests for Hosts that nobody declared'],
  ['names', 1, '200 handshakes for names that nobody declared'],
  ['resets', 4, '1,000 streams of HTTP/2 that are reset at once'],
  ['resets', 1, '4,000 streams of HTTP/2 that are reset at once'],
  ['heads', 4, '250 frames of 4 KB of heads that never end'],
  ['heads', 1, '1,000 frames of 4 KB of heads that never end'],
  ['slow', 1, '2,000 connections with heads that drip'],
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

const ROUNDS = 9
const SECONDS = 1
const FLOOD = fileURLToPath(new URL('../rim/flood.js', import.meta.url))

interface Flood {
  readonly kind: string
  /** 4: a quarter of what the kind has for a second. */
  readonly part: number
}

/** p99 of others in milliseconds, the median of the rounds. */
interface Waits {
  readonly calm: number
  readonly flooded: number
}

/**
 * How long others wait under floods: p99 of Fairlead against that without the flood, and against that of plain NGINX
 * under the same.
 */
export async function measureFloods(setting: Setting, backend: Backend): Promise<readonly Figure[]> {
  const compared = variantsFor([1]).filter(({ id }) => id === 'plain-1' || id === 'fairlead-1')
  const variants = await startVariants(setting, compared, backend)
  // What it reads of the log comes from the same core as the others' requests: with one more it would have its own.
  for (const { proxy } of variants) if (proxy.controller !== undefined) letOthersFirst(proxy.controller)
  const figures: Figure[] = []
  for (const [kind, part, label] of kinds) {
    const waits = await measureKind(setting, variants, { kind, part })
    const id = part === 1 ? kind : `${kind}-${part}`
    const [plain, fairlead] = [waits.get('plain-1'), waits.get('fairlead-1')]
    if (plain === undefined || fairlead === undefined) throw new Error('a variant was not measured')
    setting.say(`  ${label}: p99 of others ${inWords(plain)} with plain NGINX, ${inWords(fairlead)} with Fairlead`)
    figures.push(
      {
        id: `flood-${id}-growth`,
        what: `p99 of others, ${label}: against no flood`,
        unit: 'times',
        value: fairlead.flooded / fairlead.calm,
        goal: { atMost: 2, aim: 1.5 },
        note: `${inWords(fairlead)}; plain NGINX ${(plain.flooded / plain.calm).toFixed(2)} x`,
      },
      {
        id: `flood-${id}`,
        what: 'the same, against plain NGINX under the same flood',
        unit: 'times',
        value: fairlead.flooded / plain.flooded,
        note: inWords(plain),
      },
    )
  }
  for (const { proxy } of variants) proxy.end()
  return figures
}

function inWords({ calm, flooded }: Waits): string {
  return `${calm.toFixed(2)} -> ${flooded.toFixed(2)} ms`
}

/** By variant. Each round without the flood and with it, one after the other: what else the machine does meets both. */
async function measureKind(
  setting: Setting,
  variants: readonly RunningVariant[],
  flood: Flood,
): Promise<ReadonlyMap<string, Waits>> {
  const calm = new Map<string, number[]>(variants.map(({ variant }) => [variant.id, []]))
  const flooded = new Map<string, number[]>(variants.map(({ variant }) => [variant.id, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of rotated(variants, round)) {
      const { id } = one.variant
      calm.get(id)?.push(await waitOfOthers(setting, one, flood, round))
      const end = await beginFlood(setting, flood, one.proxy.http, one.proxy.https)
      flooded.get(id)?.push(await waitOfOthers(setting, one, flood, round))
      end()
      one.proxy.emptyLog()
    }
  }
  return new Map(
    variants.map(({ variant: { id } }) => [
      id,
      { calm: quantile(calm.get(id) ?? [], 0.5), flooded: quantile(flooded.get(id) ?? [], 0.5) },
    ]),
  )
}

async function waitOfOthers(setting: Setting, one: RunningVariant, { kind }: Flood, round: number): Promise<number> {
  const { variant, proxy, hosts } = one
  const load = { port: proxy.http, workload: others, hosts, seconds: SECONDS, round }
  const { latencies, failures } = await runLoad(setting, load)
  if (failures > 0) throw new Error(`${variant.label}, ${kind}: ${failures} requests of others failed`)
  return quantile(latencies, 0.99)
}

/** Back when it has begun. */
async function beginFlood(setting: Setting, { kind, part }: Flood, http: number, https: number): Promise<() => void> {
  const args = [kind, part, http, https, hostName(0), SECONDS + 8].map(String)
  // Behind the others and the backend on the core that they share: strangers have machines of their own.
  const [program = '', ...rest] = besideProxy(setting, ['chrt', '--idle', '0', process.execPath, FLOOD, ...args])
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const end = setting.cleanup.add(() => endProcess(child.pid, 'SIGKILL'))
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  return end
}
