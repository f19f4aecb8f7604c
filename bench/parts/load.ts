import { cpuNanoseconds } from '../rim/proc.js'
import { runLoad } from '../rim/load.js'
import type { Backend } from '../rim/nginx.js'
import type { Setting } from '../rim/setting.js'
import { warmUpOf, type Workload } from '../scenarios.js'
import { quantile, rotated } from '../statistics.js'
import type { RunningVariant } from './proxies.js'

/** One measurement: a variant under a workload, in one round. */
export interface Sample {
  readonly requests: number
  readonly failures: number
  /** CPU time of the worker for each request. */
  readonly cpuMicroseconds: number
  /** Share of the time that the worker was on its core; near 1: it was the bottleneck. */
  readonly busy: number
  /** Connections to the backend that were opened for each request. */
  readonly upstreamConnections: number
  /** Milliseconds; only where the workload looks at latency. */
  readonly latency?: { readonly p50: number; readonly p90: number; readonly p99: number }
}

/** All rounds of a variant under a workload. */
export interface Series {
  readonly workload: string
  readonly variant: string
  readonly samples: readonly Sample[]
}

export interface LoadChoices {
  readonly rounds: number
  readonly seconds: number
}

/** Long enough to fill the pools of 1,000 endpoints; what is under way then has come to rest when it is measured. */
const WARM_UP_SECONDS = 1

/** Measures all variants in turn, round after round, each round in another order. */
export async function measureWorkload(
  setting: Setting,
  workload: Workload,
  variants: readonly RunningVariant[],
  backend: Backend,
  { rounds, seconds }: LoadChoices,
): Promise<readonly Series[]> {
  const warmUp = warmUpOf(workload)
  const samples = new Map<RunningVariant, Sample[]>(variants.map((variant) => [variant, []]))
  for (let round = 0; round < rounds; round++) {
    for (const variant of rotated(variants, round)) {
      if (round === 0) await load(setting, workload, variant, round, WARM_UP_SECONDS)
      if (warmUp !== undefined) await load(setting, warmUp, variant, round, WARM_UP_SECONDS)
      samples.get(variant)?.push(await measure(setting, workload, variant, backend, round, seconds))
      variant.proxy.emptyLog()
    }
    setting.say(`  ${workload.id}, round ${round + 1} of ${rounds}: ${summary(workload, samples)}`)
  }
  return variants.map((variant) => {
    return { workload: workload.id, variant: variant.variant.id, samples: samples.get(variant) ?? [] }
  })
}

async function measure(
  setting: Setting,
  workload: Workload,
  variant: RunningVariant,
  backend: Backend,
  round: number,
  seconds: number,
): Promise<Sample> {
  const { worker } = variant.proxy
  const accepted = await backend.accepts()
  const cpu = cpuNanoseconds(worker)
  const started = performance.now()
  const { requests, failures, latencies } = await load(setting, workload, variant, round, seconds)
  const used = cpuNanoseconds(worker) - cpu
  const elapsed = performance.now() - started
  const opened = (await backend.accepts()) - accepted
  if (requests === 0) throw new Error(`${variant.variant.label}, ${workload.id}: no request was answered`)
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => quantile(latencies, share))
  return {
    requests,
    failures,
    cpuMicroseconds: used / 1000 / requests,
    busy: used / 1e6 / elapsed,
    upstreamConnections: opened / requests,
    ...(latencies.length === 0 ? {} : { latency: { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0 } }),
  }
}

function load(setting: Setting, workload: Workload, one: RunningVariant, round: number, seconds: number) {
  const { proxy, hosts, variant } = one
  return runLoad(setting, { port: proxy[workload.scheme], workload, hosts, seconds, round, headers: variant.headers })
}

function summary({ looksAt }: Workload, samples: ReadonlyMap<RunningVariant, readonly Sample[]>): string {
  const values = [...samples].map(([{ variant }, all]) => {
    const last = all.at(-1)
    const value = looksAt === 'cpu' ? last?.cpuMicroseconds.toFixed(1) : last?.latency?.p50.toFixed(2)
    return `${variant.id} ${value ?? '-'}`
  })
  return `${values.join(', ')} ${looksAt === 'cpu' ? 'us of CPU' : 'ms (p50)'}`
}
