import { cpuNanoseconds } from '../rim/proc.js'
import { runLoad } from '../rim/load.js'
import type { Backend } from '../rim/nginx.js'
import type { Setting } from '../rim/setting.js'
import { type Ratio, warmUpOf, type Workload } from '../scenarios.js'
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
  /** Of the variant that it is compared with, each in the same seconds as its own. */
  readonly beside?: readonly Sample[]
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
      samples.get(variant)?.push(...(await measure(setting, workload, [variant], backend, round, seconds)))
      variant.proxy.emptyLog()
    }
    setting.say(`  ${workload.id}, round ${round + 1} of ${rounds}: ${summary(workload, samples)}`)
  }
  return variants.map((variant) => {
    return { workload: workload.id, variant: variant.variant.id, samples: samples.get(variant) ?? [] }
  })
}

/**
 * Measures the two variants of each ratio at the same time, their workers on the same core: who else uses the machine slows both alike,
 * where a second earlier it would have been one of them. For variants that differ little; what is in the processor's caches they share.
 */
export async function measureRatios(
  setting: Setting,
  workload: Workload,
  ratios: readonly Ratio[],
  variants: readonly RunningVariant[],
  backend: Backend,
  { rounds, seconds }: LoadChoices,
): Promise<readonly Series[]> {
  const pairs = ratios.flatMap(({ over, under }) => {
    const [one, other] = [over, under].map((id) => variants.find(({ variant }) => variant.id === id))
    return one === undefined || other === undefined
      ? []
      : [{ over: one, under: other, samples: [] as (readonly Sample[])[] }]
  })
  for (const variant of variants) await load(setting, workload, variant, 0, WARM_UP_SECONDS)
  for (let round = 0; round < rounds; round++) {
    for (const { over, under, samples } of rotated(pairs, round)) {
      samples.push(await measure(setting, workload, [over, under], backend, round, seconds))
      for (const { proxy } of [over, under]) proxy.emptyLog()
    }
    const last = pairs.map(({ over, samples }) => {
      const [one, other] = samples.at(-1) ?? []
      return `${over.variant.id} ${((one?.cpuMicroseconds ?? 0) / (other?.cpuMicroseconds ?? 1)).toFixed(2)}`
    })
    setting.say(`  ${workload.id}, round ${round + 1} of ${rounds}: ${last.join(', ')} x`)
  }
  return pairs.map(({ over, samples }) => {
    const of = (side: 0 | 1) => samples.flatMap((both) => both[side] ?? [])
    return { workload: workload.id, variant: over.variant.id, samples: of(0), beside: of(1) }
  })
}

/** All of them at the same time: a sample for each, whose worker was busy and opened connections as they were together. */
async function measure(
  setting: Setting,
  workload: Workload,
  variants: readonly RunningVariant[],
  backend: Backend,
  round: number,
  seconds: number,
): Promise<readonly Sample[]> {
  const accepted = await backend.accepts()
  const before = variants.map(({ proxy }) => cpuNanoseconds(proxy.worker))
  const started = performance.now()
  const results = await Promise.all(variants.map((variant) => load(setting, workload, variant, round, seconds)))
  const used = variants.map(({ proxy }, i) => cpuNanoseconds(proxy.worker) - (before[i] ?? 0))
  const elapsed = performance.now() - started
  const opened = (await backend.accepts()) - accepted
  const all = results.reduce((sum, { requests }) => sum + requests, 0)
  const busy = used.reduce((sum, each) => sum + each, 0) / 1e6 / elapsed
  return results.map(({ requests, failures, latencies }, i) => {
    if (requests === 0) throw new Error(`${variants[i]?.variant.label}, ${workload.id}: no request was answered`)
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => quantile(latencies, share))
    return {
      requests,
      failures,
      cpuMicroseconds: (used[i] ?? 0) / 1000 / requests,
      busy,
      upstreamConnections: opened / all,
      ...(latencies.length === 0 ? {} : { latency: { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0 } }),
    }
  })
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
