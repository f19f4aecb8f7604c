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
  /**
   * Of one measurement, of which a round has two for each variant: one after the other where CPU time is looked at, one
   * twice as long where latency is.
   */
  readonly seconds: number
}

/** Long enough to fill the pools of 1,000 endpoints; what is under way then has come to rest when it is measured. */
const WARM_UP_SECONDS = 1

/** What was counted while a variant was asked. */
interface Count {
  readonly requests: number
  readonly failures: number
  /** Of the worker. */
  readonly cpuNanoseconds: number
  readonly milliseconds: number
  /** To the backend. */
  readonly connections: number
  readonly latencies: readonly number[]
}

/**
 * Measures all variants in turn, round after round, each round in another order. Where CPU time is looked at a round
 * goes there and back, so that a machine that slowly becomes slower or faster in its course is the same for all of
 * them.
 */
export async function measureWorkload(
  setting: Setting,
  workload: Workload,
  variants: readonly RunningVariant[],
  backend: Backend,
  { rounds: usual, seconds }: LoadChoices,
): Promise<readonly Series[]> {
  const warmUp = warmUpOf(workload)
  const isThereAndBack = workload.looksAt === 'cpu'
  const length = isThereAndBack ? seconds : 2 * seconds
  const rounds = usual * (workload.weight ?? 1)
  const samples = new Map<RunningVariant, Sample[]>(variants.map((variant) => [variant, []]))
  for (const variant of variants) await load(setting, workload, variant, 0, WARM_UP_SECONDS)
  for (let round = 0; round < rounds; round++) {
    const counts = new Map<RunningVariant, Count[]>(variants.map((variant) => [variant, []]))
    const order = rotated(variants, round)
    for (const variant of isThereAndBack ? [...order, ...order.toReversed()] : order) {
      if (warmUp !== undefined) await load(setting, warmUp, variant, round, WARM_UP_SECONDS)
      counts.get(variant)?.push(await measure(setting, workload, variant, backend, round, length))
      variant.proxy.emptyLog()
    }
    for (const [variant, all] of counts) samples.get(variant)?.push(sampleOf(all))
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
): Promise<Count> {
  const { worker } = variant.proxy
  const accepted = await backend.accepts()
  const cpu = cpuNanoseconds(worker)
  const started = performance.now()
  const { requests, failures, latencies } = await load(setting, workload, variant, round, seconds)
  const used = cpuNanoseconds(worker) - cpu
  const milliseconds = performance.now() - started
  const connections = (await backend.accepts()) - accepted
  if (requests === 0) throw new Error(`${variant.variant.label}, ${workload.id}: no request was answered`)
  return { requests, failures, cpuNanoseconds: used, milliseconds, connections, latencies }
}

/** The counts of a round as one. */
function sampleOf(counts: readonly Count[]): Sample {
  const sum = (of: (count: Count) => number): number => counts.reduce((total, count) => total + of(count), 0)
  const requests = sum((count) => count.requests)
  const nanoseconds = sum((count) => count.cpuNanoseconds)
  const latencies = counts.flatMap((count) => count.latencies)
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => quantile(latencies, share))
  return {
    requests,
    failures: sum(({ failures }) => failures),
    cpuMicroseconds: nanoseconds / 1000 / requests,
    busy: nanoseconds / 1e6 / sum(({ milliseconds }) => milliseconds),
    upstreamConnections: sum(({ connections }) => connections) / requests,
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
