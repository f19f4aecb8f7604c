import { InvalidArgumentError, Option, type Command } from 'commander'
import { figures, type Dimension, type Figure } from '../observe/analytics.js'
import { knownFormats } from '../observe/logs/formats.js'
import { isFigure } from '../observe/logs/read-query.js'
import { dimensionOf } from '../observe/logs/where.js'
import { parseWhole } from './flags.js'
import { parseGoDuration } from './go-flags.js'
import { compareLogs, type CompareFlags } from './logs/compare.js'
import { findInLogs, type FindFlags } from './logs/find.js'
import { importLogs, type ImportFlags } from './logs/import.js'
import { tailLog, type TailFlags } from './logs/tail.js'
import { topOfLogs, type TopFlags } from './logs/top.js'
import { keepHeapSmall } from './serve/small-heap.js'

/**
 * `fairlead logs`: what the access log says, of files, of imported ones, or of a controller that runs. Exit 2: it
 * cannot be answered.
 */
export function addLogs(program: Command): void {
  const logs = program.command('logs').description('read, count and compare what the access log says')
  logs.hook('preAction', keepHeapSmall)
  const top = logs
    .command('top')
    .argument('[files...]', 'access logs, also packed with gzip')
    .description('count requests by host, path, service, status, …; the most first')
    .option('--by <dimensions>', 'what to tell apart, with commas between them', parseDimensions, ['path'] as const)
    .option('--figures <figures>', `what to tell: ${figures.join(', ')}`, parseFigures)
    .option('--sort <figure>', 'which figure decides the order (default: the first)', parseFigure)
    .option('--limit <number>', 'how many rows', parseWhole, 10)
  addFilterFlags(addSourceFlags(top)).action((files: readonly string[], flags: TopFlags) => topOfLogs(files, flags))

  const compare = logs
    .command('compare')
    .argument('[files...]', 'access logs, also packed with gzip')
    .description('compare two services, such as those of a release')
    .requiredOption('--a <service>', 'NAMESPACE-SERVICE-PORT, as in the log')
    .requiredOption('--b <service>', 'the other one')
  addFilterFlags(addSourceFlags(compare)).action((files: readonly string[], flags: CompareFlags) =>
    compareLogs(files, flags),
  )

  const tail = logs
    .command('tail')
    .argument('[file]', 'an access log (default: that of --state-dir)')
    .description('show the last requests, and those to come with --follow')
    .option('--state-dir <folder>', 'of a controller that runs')
    .option('-f, --follow', 'go on with what is written')
    .option('-n, --lines <number>', 'how many of the last ones that fit', parseWhole, 10)
    .option('--where <conditions>', 'which requests: status>=500 and path~/api/*')
  addForms(addFormat(tail)).action((file: string | undefined, flags: TailFlags) => tailLog(file, flags))

  const importing = logs
    .command('import')
    .argument('<files...>', 'access logs, also packed with gzip')
    .description('add files up into a folder, for top and compare; again: what is new in them')
    .requiredOption('--store <folder>', 'where to')
    .option('--no-raw', 'add up only, though DuckDB is there to keep the lines')
    .option('--geoip <file>', "a database of places in MaxMind's format")
  addFormat(importing).action((files: readonly string[], flags: ImportFlags) => importLogs(files, flags))
  addFind(logs)
}

function addFind(logs: Command): void {
  logs
    .command('find')
    .description('show the line of a request')
    .requiredOption('--request-id <id>', 'as in the access log ($req_id)')
    .option('--state-dir <folder>', 'of a controller that runs')
    .option('--store <folder>', 'what `fairlead logs import` made, with the lines')
    .option('--json', 'print JSON for programs')
    .action((flags: FindFlags) => findInLogs(flags))
}

function addSourceFlags(command: Command): Command {
  return addFormat(command)
    .option('--store <folder>', 'what `fairlead logs import` made')
    .option('--state-dir <folder>', 'of a controller that runs')
}

function addFormat(command: Command): Command {
  const names = Object.keys(knownFormats).join(', ')
  return command
    .option('--format <format>', `the log's format: ${names}, or a text with variables (default: it is tried out)`)
    .addOption(
      new Option('--escape <how>', 'how variables are written in a given format')
        .choices(['default', 'json', 'none'])
        .default('default'),
    )
}

function addFilterFlags(command: Command): Command {
  return addForms(
    command
      .option('--where <conditions>', 'which requests: status>=500 and host=shop.example.com and path~/api/*')
      .option('--since <duration>', 'the last 30s, 15m, 1h, … of the log', parseSince),
  )
}

function addForms(command: Command): Command {
  return command.option('--json', 'print JSON for programs').option('--csv', 'print CSV for spreadsheets')
}

function parseSince(text: string): number {
  const milliseconds = /^\d+d$/.test(text) ? Number(text.slice(0, -1)) * 86_400_000 : parseGoDuration(text)
  if (milliseconds <= 0) throw new InvalidArgumentError('A duration is needed, such as 15m, 1h or 7d.')
  return milliseconds
}

function parseDimensions(text: string): readonly Dimension[] {
  return text.split(',').map((name) => {
    const dimension = dimensionOf(name.trim())
    if (dimension === undefined) throw new InvalidArgumentError(`There is no ${JSON.stringify(name)} to tell apart.`)
    return dimension
  })
}

function parseFigures(text: string): readonly Figure[] {
  return text.split(',').map((name) => parseFigure(name.trim()))
}

function parseFigure(name: string): Figure {
  if (!isFigure(name)) throw new InvalidArgumentError(`There is no figure ${JSON.stringify(name)}.`)
  return name
}
