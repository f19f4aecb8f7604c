import { Command, InvalidArgumentError } from 'commander'

export interface ClusterBenchOptions {
  /** How many other Ingresses there are while creations are timed, ascending; everything else is measured with the last. */
  readonly hosts: readonly number[]
  /** Creations that are timed at each size, and updates of EndpointSlices at the largest. */
  readonly changes: number
  /** Ingresses whose writes of status are counted. */
  readonly statuses: number
  /** Endpoint changes a second, and for how many seconds. */
  readonly rate: number
  readonly seconds: number
  readonly starts: number
  /** Folder for a CPU profile of the controller, written when it ends; undefined: none is taken. */
  readonly profile?: string
  /** Folder of the JSON file. */
  readonly out: string
}

/** Reads the command line; prints help or a mistake, and ends the process, as commander does. */
export function parseClusterOptions(argv: readonly string[], out: string): ClusterBenchOptions {
  const command = new Command('make bench-cluster BENCH="')
    .usage('[options] "')
    .description(
      'Measures Fairlead on a real kube-apiserver; prints a table and writes JSON. Root, for a network namespace.',
    )
    .option(
      '--hosts <numbers>',
      'numbers of other Ingresses, with commas (default: 0,1000,10000; quick: 0,1000)',
      parseSizes,
    )
    .option('--changes <number>', 'creations timed at each size, and updates of endpoints', parseNumber)
    .option('--rate <number>', 'endpoint changes a second', parseNumber, 100)
    .option('--seconds <number>', 'how long they arrive', parseNumber)
    .option('--quick', 'about 1 minute instead of 10: 1,000 Ingresses, fewer changes, one cold start')
    .option('--profile <folder>', 'write a CPU profile of the controller into it, which costs some of what it measures')
    .option('--out <folder>', 'where the JSON file goes', out)
  command.parse(argv, { from: 'user' })
  const { quick: isQuick, hosts, changes, seconds, ...given } = command.opts<GivenOptions>()
  const preset = isQuick === true ? quick : full
  return {
    ...preset,
    ...given,
    hosts: hosts ?? preset.hosts,
    changes: changes ?? preset.changes,
    seconds: seconds ?? preset.seconds,
  }
}

interface GivenOptions {
  readonly hosts?: readonly number[]
  readonly changes?: number
  readonly rate: number
  readonly seconds?: number
  readonly quick?: true
  readonly profile?: string
  readonly out: string
}

type Preset = Pick<ClusterBenchOptions, 'hosts' | 'changes' | 'statuses' | 'seconds' | 'starts'>

const full: Preset = { hosts: [0, 1_000, 10_000], changes: 100, statuses: 1_000, seconds: 60, starts: 3 }
const quick: Preset = { hosts: [0, 1_000], changes: 20, statuses: 100, seconds: 10, starts: 1 }

function parseSizes(text: string): readonly number[] {
  return [...new Set(text.split(',').map((part) => (part.trim() === '0' ? 0 : parseNumber(part.trim()))))].sort(
    (a, b) => a - b,
  )
}

/** Addresses of endpoints end not far above that (objects.ts). */
const MOST = 20_000

function parseNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > MOST)
    throw new InvalidArgumentError(`A whole number up to ${MOST} is wanted.`)
  return Number(text)
}
