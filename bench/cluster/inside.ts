import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { printFigures } from '../report.js'
import { createCleanup } from '../rim/cleanup.js'
import { describeMachine, type Machine } from '../rim/machine.js'
import { startBackend } from '../rim/nginx.js'
import { prepare } from '../rim/tools.js'
import { ENDPOINT_PORT, surroundings } from './objects.js'
import { readOrder, type Order } from './order.js'
import { measureAll } from './measure.js'
import { openApi } from './rim/api.js'

/** The part of the bench that runs in the network namespace of the cluster; main.ts starts it. */
const cleanup = createCleanup()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // Not once: from a terminal it comes twice, by itself and by main.ts.
  process.on(signal, () => {
    cleanup.all()
    process.exit(code)
  })
}

try {
  process.exitCode = await main(readOrder(process.argv[2] ?? ''))
} catch (cause) {
  process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exitCode = 1
}
cleanup.all()
process.exit()

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main({ options, repository, kubeconfig, server }: Order): Promise<number> {
  const setting = await prepare(repository, cleanup, say)
  if ('problem' in setting) {
    say(`bench: ${setting.problem}`)
    return 2
  }
  const machine = describeMachine(repository, setting.engine.version, server)
  await startBackend(setting, ['0.0.0.0'], ENDPOINT_PORT)
  const api = openApi(kubeconfig)
  for (const object of surroundings(setting.certificate.text, setting.certificate.keyText)) await api.create(object)
  const { figures, failed } = await measureAll(setting, api, kubeconfig, options)
  const loadAfter = loadavg()[0] ?? Number.NaN
  process.stdout.write(
    ['', printMachine(machine, loadAfter), printFigures(figures), ...failed.map((line) => `! ${line}\n`)].join('\n'),
  )
  save(join(resolve(options.out), `cluster-${machine.date.replaceAll(/[:.]/g, '-')}.json`), {
    machine: { ...machine, loadAfter },
    options,
    figures,
    failed,
  })
  return failed.length > 0 ? 1 : 0
}

function save(file: string, result: object): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  say(`\nAll figures are in ${file}`)
}

function printMachine(machine: Machine, loadAfter: number): string {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, Linux ${machine.kernel}; API server, etcd, NGINX, backend and bench share them`,
    `NGINX ${machine.engine}, Node ${machine.node}, ${machine.generators}`,
    `${machine.date}, revision ${machine.revision}, load average before: ${machine.load.toFixed(1)}, after: ${loadAfter.toFixed(1)}`,
    '',
  ].join('\n')
}
