import { InvalidArgumentError, Command } from 'commander'
import { parts, workloads } from './scenarios.js'

export interface BenchOptions {
  readonly hosts: readonly number[]
  /** Ids of workloads and parts. */
  readonly only: readonly string[]
  readonly rounds: number
  /** Of one measurement. */
  readonly seconds: number
  readonly starts: number
  readonly changes: number
  readonly reloadChanges: number
  /** Of the log that is imported. */
  readonly logLines: number
  /** Folder of the JSON file. */
  readonly out: string
}

const everything: readonly string[] = [...parts, ...workloads].map(({ id }) => id)

/** Reads the command line; prints help or a mistake, and ends the process, as commander does. */
export function parseOptions(argv: readonly string[], out: string): BenchOptions {
  const known = [...parts, ...workloads].map(({ id, label }) => `  ${id.padEnd(15)} ${label}`).join('\n')
  const command = new Command('make bench BENCH="')
    .usage('[options] "')
    .description('Measures Fairlead side by side with plain NGINX; prints a table and writes JSON.')
    .option('--hosts <numbers>', 'sizes of the tables, with commas', parseNumbers, [1, 1_000, 10_000])
    .option('--only <names>', 'measure only these, with commas; all by default', parseNames)
    .option(
      '--rounds <number>',
      'rounds of each workload; three times as many of http and https, twice as many of https-new and https-resumed',
      parseNumber,
    )
    .option(
      '--seconds <number>',
      'length of one measurement, of which a round has two; of latency one, twice as long',
      parseNumber,
    )
    .option('--log-million <number>', 'lines of the log that is imported, in millions', parseNumber, 1)
    .option('--quick', `about 5 minutes instead of 30: fewer rounds, fewer changes, only ${quick.only.join(', ')}`)
    .option('--out <folder>', 'where the JSON file goes', out)
    .addHelpText('after', `\nWhat there is to measure:\n${known}\n`)
  command.parse(argv, { from: 'user' })
  const given = command.opts<GivenOptions>()
  const preset = given.quick === true ? quick : full
  return {
    ...preset,
    hosts: given.hosts,
    only: given.only ?? preset.only,
    out: given.out,
    logLines: given.logMillion * 1_000_000,
    rounds: given.rounds ?? preset.rounds,
    seconds: given.seconds ?? preset.seconds,
  }
}

interface GivenOptions {
  readonly hosts: readonly number[]
  readonly only?: readonly string[]
  readonly rounds?: number
  readonly seconds?: number
  readonly quick?: true
  readonly logMillion: number
  readonly out: string
}

type Preset = Pick<BenchOptions, 'only' | 'rounds' | 'seconds' | 'starts' | 'changes' | 'reloadChanges'>

const full: Preset = { only: everything, rounds: 5, seconds: 1, starts: 3, changes: 100, reloadChanges: 1_000 }
const quick: Preset = {
  only: ['http', 'https', 'https-new', ...parts.map(({ id }) => id).filter((id) => id !== 'floods')],
  rounds: 1,
  seconds: 1,
  starts: 1,
  changes: 30,
  reloadChanges: 100,
}

function parseNumbers(text: string): readonly number[] {
  return [...new Set(text.split(',').map(parseNumber))].sort((a, b) => a - b)
}

function parseNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 to 99,999 is wanted.')
  return Number(text)
}

function parseNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !everything.includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no "${unknown}"; there are ${everything.join(', ')}.`)
  return names
}
