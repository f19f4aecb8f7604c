import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ENDPOINT_RANGE } from './objects.js'
import { parseClusterOptions } from './options.js'
import { printOrder } from './order.js'

/** dist/bench/bench/cluster/main.js, four folders below. */
const HERE = dirname(fileURLToPath(import.meta.url))
const REPOSITORY = resolve(HERE, '../../../..')
const scripts = join(REPOSITORY, 'test/cluster')
const name = `bench-${process.pid}`

const options = parseClusterOptions(process.argv.slice(2), join(REPOSITORY, 'bench/results'))
if (process.getuid?.() !== 0) {
  say('bench: the cluster has a network namespace of its own, in which 50,000 addresses are this machine: run as root.')
  process.exit(2)
}
run('build', 'control-plane')
process.exitCode = await inCluster(async (cluster) => {
  enter('ip', 'route', 'add', 'local', ENDPOINT_RANGE, 'dev', 'lo')
  return measure(cluster.kubeconfig)
})

/** Progress, beside the table on standard output. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** A script of test/cluster; what it says is seen. */
function run(script: string, ...words: readonly string[]): void {
  const { status } = spawnSync(join(scripts, script), words, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`test/cluster/${script} ${words.join(' ')} failed; the reason is above.`)
}

function enter(...words: readonly string[]): string {
  return execFileSync(join(scripts, 'enter'), [name, '--', ...words], { encoding: 'utf8' })
}

/** The cluster ends in whatever way this process does: `--owner` is for the ways in which it cannot act any more. */
async function inCluster(act: (cluster: { readonly kubeconfig: string }) => Promise<number>): Promise<number> {
  try {
    run('up', 'api', '--name', name, '--netns', '--owner', String(process.pid))
    const parent = process.env['TESTCLUSTER_RUN'] ?? join(tmpdir(), 'fairlead-testcluster')
    const file = readFileSync(join(parent, name, 'cluster.json'), 'utf8')
    return await act(JSON.parse(file) as { kubeconfig: string }) // test/cluster/up wrote it
  } catch (cause) {
    say(`bench: ${cause instanceof Error ? cause.message : String(cause)}`)
    return 1
  } finally {
    run('down', name)
  }
}

/** Runs inside.js in the cluster's network namespace; gives its exit code. A signal is handed on, and waited for. */
function measure(kubeconfig: string): Promise<number> {
  const order = printOrder({ options, repository: REPOSITORY, kubeconfig, server: versions() })
  const words = [name, '--', process.execPath, join(HERE, 'inside.js'), order]
  const child = spawn(join(scripts, 'enter'), words, { stdio: 'inherit' })
  // From a terminal the child has the signal itself, and takes the second one as nothing new.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((ended) => {
    child.once('error', () => ended(1))
    child.once('exit', (code) => ended(code ?? 1))
  })
}

function versions(): string {
  const version: unknown = JSON.parse(enter('kubectl', 'version', '-o', 'json'))
  const server = typeof version === 'object' && version !== null && 'serverVersion' in version
  const git = server ? JSON.stringify(version.serverVersion) : ''
  return `kube-apiserver ${/"gitVersion":"([^"]*)"/.exec(git)?.[1] ?? 'of unknown version'}`
}
