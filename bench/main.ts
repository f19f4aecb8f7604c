import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { featureVariants } from './feature-variants.js'
import type { Figure } from './figure.js'
import { parseOptions, type BenchOptions } from './options.js'
import { measureChanges } from './parts/changes.js'
import { measureFloods } from './parts/floods.js'
import { measureWorkload, type Series } from './parts/load.js'
import { measureLogs } from './parts/logs.js'
import { countProfiles } from './parts/profiles.js'
import { reachableAddresses, startVariants } from './parts/proxies.js'
import { measurePushes } from './parts/push.js'
import { measureReloads, RELOAD_HOSTS } from './parts/reloads.js'
import { measureStarts } from './parts/start.js'
import { doubts, printFigures, printSeries, ratioFigures } from './report.js'
import { createCleanup } from './rim/cleanup.js'
import { describeMachine, type Machine } from './rim/machine.js'
import { startBackend, type Backend } from './rim/nginx.js'
import type { Setting } from './rim/setting.js'
import { prepare, toolVersions } from './rim/tools.js'
import { certificateVariants, clientVariants } from './tls-variants.js'
import { parts, type PartId, type Variant, variantsFor, type Workload, workloads } from './scenarios.js'

/** dist/bench/bench/main.js, three folders below. */
const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

interface Results {
  readonly series: readonly Series[]
  readonly figures: readonly Figure[]
  /** A sentence for each part that could not be measured to its end; the others are worth having all the same. */
  readonly failed: readonly string[]
}

const cleanup = createCleanup()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    say('Stopping')
    cleanup.all()
    process.exit(code)
  })
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2), join(REPOSITORY, 'bench/results')))
} catch (cause) {
  process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exitCode = 1
}
cleanup.all()
process.exit()

/** Progress, beside the tables on standard output. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main(options: BenchOptions): Promise<number> {
  const setting = await prepare(REPOSITORY, cleanup, say)
  if ('problem' in setting) {
    say(`bench: ${setting.problem}`)
    return 2
  }
  const machine = describeMachine(REPOSITORY, setting.engine.version, toolVersions(setting))
  const { series, figures, failed } = await measureAll(setting, options)
  const all = [...ratioFigures(series, variantsFor(options.hosts)), ...figures]
  const doubtful = [...failed, ...doubts(series, all)]
  process.stdout.write(
    [
      '',
      printMachine(machine, setting),
      printSeries(series, [
        ...variantsFor(options.hosts),
        ...featureVariants,
        ...certificateVariants,
        ...clientVariants,
      ]),
      printFigures(all),
      ...doubtful.map((line) => `! ${line}\n`),
    ].join('\n'),
  )
  const file = join(resolve(options.out), `${machine.date.replaceAll(/[:.]/g, '-')}.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ machine, options, figures: all, series, doubts: doubtful }, null, 1)}\n`)
  say(`\nAll figures and samples are in ${file}`)
  const isWrong = failed.length > 0 || series.some(({ samples }) => samples.some(({ failures }) => failures > 0))
  return isWrong ? 1 : 0
}

async function measureAll(setting: Setting, options: BenchOptions): Promise<Results> {
  const largest = Math.max(...options.hosts)
  const sizes = [...options.hosts, RELOAD_HOSTS, ...certificateVariants.map(({ hosts }) => hosts)]
  const backend = await startBackend(setting, reachableAddresses(sizes))
  const run: Readonly<Record<PartId, () => Promise<readonly Figure[]>>> = {
    start: () => measureStarts(setting, largest, backend.port, options.starts),
    changes: () => measureChanges(setting, largest, backend.port, options.changes),
    push: () => measurePushes(setting, largest, backend.port),
    reloads: () => measureReloads(setting, backend.port, options.reloadChanges),
    floods: () => measureFloods(setting, backend),
    logs: () => measureLogs(setting, options.logLines),
    profiles: () => Promise.resolve(countProfiles()),
  }
  const failed: string[] = []
  const series = await measureLoads(setting, options, backend, failed)
  const figures: Figure[] = []
  for (const { id, label } of parts) {
    if (!options.only.includes(id)) continue
    say(`\n${id}: ${label}`)
    figures.push(...(await orFail(id, failed, run[id])))
  }
  return { series, figures, failed }
}

/** What was measured, or nothing and a sentence more in `failed`. */
async function orFail<T>(id: string, failed: string[], measure: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await measure()
  } catch (cause) {
    const sentence = `${id} could not be measured: ${cause instanceof Error ? cause.message : String(cause)}`
    say(`! ${sentence}`)
    failed.push(sentence)
    return []
  }
}

async function measureLoads(
  setting: Setting,
  options: BenchOptions,
  backend: Backend,
  failed: string[],
): Promise<readonly Series[]> {
  const series: Series[] = []
  for (const [compares, variants] of [
    ['sizes', variantsFor(options.hosts)],
    ['features', featureVariants],
    ['certificates', certificateVariants],
    ['clients', clientVariants],
  ] as const) {
    const wanted = workloads.filter((workload) => options.only.includes(workload.id) && workload.compares === compares)
    if (wanted.length > 0) series.push(...(await measureVariants(setting, options, backend, wanted, variants, failed)))
  }
  return series
}

async function measureVariants(
  setting: Setting,
  options: BenchOptions,
  backend: Backend,
  wanted: readonly Workload[],
  compared: readonly Variant[],
  failed: string[],
): Promise<readonly Series[]> {
  say('\nStarting the proxies')
  const label = wanted.map(({ id }) => id).join(', ')
  const variants = await orFail(label, failed, () => startVariants(setting, compared, backend))
  const series: Series[] = []
  for (const workload of variants.length === 0 ? [] : wanted) {
    say(`\n${workload.id}: ${workload.label}`)
    const measure = () => measureWorkload(setting, workload, variants, backend, options)
    series.push(...(await orFail(workload.id, failed, measure)))
  }
  for (const { proxy } of variants) proxy.end()
  return series
}

function printMachine(machine: Machine, { cores }: Setting): string {
  const placed =
    cores === undefined
      ? 'one core for everything'
      : `worker on core ${cores.proxy}, load generator and backend on ${cores.others}`
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, Linux ${machine.kernel}; ${placed}`,
    `NGINX ${machine.engine}, Node ${machine.node}, ${machine.generators}`,
    `${machine.date}, revision ${machine.revision}, load average before: ${machine.load.toFixed(1)}`,
    '',
  ].join('\n')
}
