import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import typescript from 'typescript'
import type { Fault } from './double/faults.js'
import type { KnownKey } from './double/verify.js'
import type { ByHand, Delays, Entry } from './double/world.js'

export interface SeenCall {
  readonly action: string
  readonly version: string
  /** The date that it was signed with. */
  readonly signedAt: string
  readonly parameters: Readonly<Record<string, string>>
  /** `ok`, the code of the error, `reset` or `silence`. */
  readonly result: string
}

type Told = Readonly<Record<string, unknown>>

/** What exists, as far as tests look into it. */
export interface State {
  readonly clb: readonly (Told & {
    readonly id: string
    readonly tags: Readonly<Record<string, string>>
    readonly listeners: readonly (Told & { readonly port: number; readonly status: string; readonly settings: Told })[]
    readonly groups: readonly { readonly id: string; readonly name: string; readonly servers: readonly Told[] }[]
  })[]
  readonly securityGroups: readonly (Told & { readonly id: string; readonly rules: readonly string[] })[]
  readonly nlb: readonly (Told & {
    readonly id: string
    readonly tags: Readonly<Record<string, string>>
    readonly listeners: readonly Told[]
    readonly serverGroups: readonly (Told & { readonly servers: readonly Told[] })[]
  })[]
}

/** The double as a process of its own. */
export interface Double {
  readonly url: URL
  readonly pid: number
  reset(): Promise<void>
  fail(...faults: readonly Fault[]): Promise<void>
  noFaults(): Promise<void>
  delay(delays: Partial<Delays>): Promise<void>
  /** Puts the clock of the cloud so far ahead. */
  clock(milliseconds: number): Promise<void>
  /** Stops the clock of the cloud there, in milliseconds since the epoch. */
  clockAt(at: number): Promise<void>
  keys(keys: Readonly<Record<string, KnownKey>>, more?: { role?: string; oidcToken?: string }): Promise<void>
  /** What the metadata service says at `/latest/meta-data/…`, beside what it says else; '': nothing. */
  metadata(facts: Readonly<Record<string, string>>): Promise<void>
  byHand(given: ByHand): Promise<Readonly<Record<string, string>>>
  calls(clear?: 'clear'): Promise<readonly SeenCall[]>
  state(): Promise<State>
  ledger(): Promise<readonly Entry[]>
  stop(): Promise<void>
}

/** Where the double listens, when that is not the loopback address of this process. */
export interface Place {
  /** What goes before its command, such as `ip netns exec NAME`. */
  readonly enter: readonly string[]
  readonly host: string
  /** A POST from a place that reaches it; gives the body of the answer. */
  post(url: URL, body: string): Promise<string>
}

const here: Place = {
  enter: [],
  host: '127.0.0.1',
  post: async (url, body) => (await fetch(url, { method: 'POST', body })).text(),
}

/** Compiles the double into a temporary folder and starts it on a free port. */
export async function startDouble({ enter, host, post }: Place = here): Promise<Double> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-cloud-'))
  const source = fileURLToPath(new URL('double/', import.meta.url))
  for (const name of await readdir(source)) {
    const { outputText } = typescript.transpileModule(await readFile(join(source, name), 'utf8'), {
      compilerOptions: { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2023 },
    })
    await writeFile(join(folder, name.replace(/\.ts$/, '.js')), outputText)
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  const [command, ...words] = [...enter, process.execPath, join(folder, 'main.js')]
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, HOST: host } })
  const url = new URL(`http://${host}:${await portOf(child)}`)

  const ask = async (name: string, body: object = {}): Promise<unknown> =>
    JSON.parse(await post(new URL(`/_double/${name}`, url), JSON.stringify(body)))
  return {
    url,
    pid: child.pid ?? 0,
    reset: async () => void (await ask('reset')),
    fail: async (...faults) => void (await ask('faults', { faults })),
    noFaults: async () => void (await ask('no-faults')),
    delay: async (delays) => void (await ask('delays', delays)),
    clock: async (milliseconds) => void (await ask('clock', { milliseconds })),
    clockAt: async (at) => void (await ask('clock', { at })),
    keys: async (keys, more = {}) => void (await ask('keys', { keys, ...more })),
    metadata: async (facts) => void (await ask('metadata', { facts })),
    byHand: async (given) => (await ask('by-hand', given)) as Readonly<Record<string, string>>,
    calls: async (clear) => (await ask('calls', { clear: clear === 'clear' })) as readonly SeenCall[],
    state: async () => (await ask('state')) as State,
    ledger: async () => (await ask('ledger')) as readonly Entry[],
    async stop() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('the double has no output')
  for await (const line of createInterface({ input: child.stdout })) return (JSON.parse(line) as { port: number }).port
  throw new Error('the double did not start')
}
