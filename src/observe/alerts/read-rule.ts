import { Cron } from 'croner'
import { dimensions, figures, type Dimension } from '../analytics.js'
import { cubeFor, cubes } from '../logs/cubes.js'
import { dimensionOf, parseWhere } from '../logs/where.js'
import { amountForms, printDuration, readAmount, readDuration } from './amounts.js'
import { LABELS, labelsOf, oneOf, TEXT, textOf, textsOf, wholeOf, type Entry } from './entry.js'
import { isLogFigure, isOwnFigure, ownFigures, unitOf } from './figures.js'
import { presetOf, presets, type Preset } from './presets.js'
import { severities, type Rule, type RuleQuery, type Schedule, type Threshold, type Timing } from './rule.js'

const SHORTEST_WINDOW = 10_000
const LONGEST_WINDOW = 86_400_000
const SHORTEST_EVERY = 5_000
const LONGEST_EVERY = 7 * 86_400_000
const STANDARD_WINDOW = 5 * 60_000
const STANDARD_EVERY = 60_000

/** Names that labels of the rule cannot have: they are said of every series. */
const RESERVED = new Set<string>(['rule', 'severity', 'secret', 'resource', ...dimensions])

/**
 * Reads a rule; what is wrong is complained of, and undefined given. `channels`: names there are, also of channels that
 * could not be read.
 */
export function readRule(entry: Entry, name: string, channels: ReadonlySet<string>): Rule | undefined {
  const preset = entry.read('preset', presetOf, `one of ${Object.keys(presets).join(', ')}`)
  const isPresetBad = entry.has('preset') && preset === undefined
  const figure = isPresetBad ? undefined : readFigure(entry, preset)
  const query = readQuery(entry, figure, preset)
  const threshold = readThreshold(entry, figure, preset)
  const schedule = readSchedule(entry, preset)
  const timing = readTiming(entry)
  const severity = entry.read('severity', oneOf(severities), `one of ${severities.join(', ')}`)
  const labels = entry.read('labels', labelsOf, LABELS) ?? []
  for (const [label] of labels)
    if (RESERVED.has(label)) entry.refuse('labels', `labels cannot have ${label}: series have a label of that name.`)
  const chosen = entry.read('channels', textsOf, 'the name of a channel, or a list of names')
  for (const each of chosen ?? [])
    if (!channels.has(each))
      entry.refuse('channels', `There is no channel ${JSON.stringify(each)}; there are ${listOf(channels)}.`)
  const description = entry.read('description', textOf, TEXT) ?? preset?.about ?? ''
  if (!entry.end() || query === undefined || threshold === undefined) return undefined
  return {
    name,
    description,
    query,
    threshold,
    schedule,
    timing,
    severity: severity ?? preset?.severity ?? 'medium',
    labels,
    ...(chosen === undefined ? {} : { channels: chosen }),
  }
}

type AnyFigure = RuleQuery['figure']

function readFigure(entry: Entry, preset: Preset | undefined): AnyFigure | undefined {
  const parse = (value: unknown): AnyFigure | undefined =>
    isLogFigure(value) || isOwnFigure(value) ? value : undefined
  const allowed = `one of ${[...figures, ...ownFigures].join(', ')}`
  if (preset === undefined) return entry.need('figure', parse, allowed)
  if (entry.has('figure')) entry.refuse('figure', 'figure is decided by the preset; leave one of them out.')
  entry.read('figure', () => preset.figure, allowed)
  return preset.figure
}

function readQuery(entry: Entry, figure: AnyFigure | undefined, preset: Preset | undefined): RuleQuery | undefined {
  const windowMilliseconds = entry.read(
    'window',
    durationBetween(SHORTEST_WINDOW, LONGEST_WINDOW),
    `a time from ${printDuration(SHORTEST_WINDOW)} to ${printDuration(LONGEST_WINDOW)}, such as 5m`,
  )
  const where = readWhere(entry)
  const by = entry.read('by', dimensionsOf, `a list of ${dimensions.join(', ')}`)
  const atLeast = entry.read('atLeast', wholeOf(1, 1e12), 'a whole number of requests from 1')
  if (figure === undefined) return undefined
  if (isOwnFigure(figure)) {
    for (const field of ['window', 'where', 'by', 'atLeast'])
      if (entry.has(field)) entry.refuse(field, `${field} is for figures of the access log, and ${figure} is none.`)
    return { source: 'controller', figure }
  }
  const query: RuleQuery = {
    source: 'log',
    figure,
    filter: [...(preset?.filter ?? []), ...where],
    by: by ?? preset?.by ?? [],
    windowMilliseconds: windowMilliseconds ?? (preset?.windowMilliseconds || STANDARD_WINDOW),
    atLeast: atLeast ?? 1,
  }
  const wanted = new Set<Dimension>([...query.filter.map(({ dimension }) => dimension), ...query.by])
  if (cubeFor(wanted, [figure]) !== undefined) return query
  const sets = cubes.map((cube) => (cube.dimensions.length === 0 ? 'all' : cube.dimensions.join(' + ')))
  entry.refuse(
    entry.has('by') ? 'by' : entry.has('where') ? 'where' : 'figure',
    `${figure} is not added up by ${[...wanted].join(' and ')} together; requests are added up by: ${sets.join('; ')} (quantiles and visitors not by all of them).`,
  )
  return undefined
}

function readWhere(entry: Entry) {
  let wrong = ''
  const filter = entry.read(
    'where',
    (value) => {
      const read = parseWhere(typeof value === 'string' ? value : '')
      if (!read.ok) wrong = read.message
      return read.ok ? read.filter : undefined
    },
    'conditions such as status>=500 and host=shop.example.com',
  )
  if (wrong !== '') entry.refuse('where', wrong)
  return filter ?? []
}

function readThreshold(entry: Entry, figure: AnyFigure | undefined, preset: Preset | undefined): Threshold | undefined {
  const unit = figure === undefined ? undefined : unitOf(figure)
  const parse = (value: unknown): number | undefined => (unit === undefined ? 0 : readAmount(value, unit))
  const allowed = unit === undefined ? 'a number' : amountForms[unit]
  const above = entry.read('above', parse, allowed)
  const below = entry.read('below', parse, allowed)
  if (entry.has('above') && entry.has('below')) entry.refuse('below', 'above and below exclude each other.')
  if (above !== undefined) return { side: 'above', value: above }
  if (below !== undefined) return { side: 'below', value: below }
  if (entry.has('above') || entry.has('below')) return undefined
  if (preset === undefined && figure !== undefined)
    entry.refuse('', `A threshold is missing: above or below, with ${allowed}.`)
  return preset?.threshold
}

function readSchedule(entry: Entry, preset: Preset | undefined): Schedule {
  const standard = preset?.everyMilliseconds ?? STANDARD_EVERY
  const every = entry.read(
    'every',
    (value) =>
      value === 'hour'
        ? 3_600_000
        : value === 'day'
          ? 86_400_000
          : durationBetween(SHORTEST_EVERY, LONGEST_EVERY)(value),
    `a time from ${printDuration(SHORTEST_EVERY)} to ${printDuration(LONGEST_EVERY)}, such as 1m, or hour or day`,
  )
  const pattern = entry.read('cron', cronOf, 'minute, hour, day, month and day of the week, such as "0 9 * * 1-5"')
  if (entry.has('every') && entry.has('cron')) entry.refuse('cron', 'every and cron exclude each other.')
  return pattern === undefined ? { kind: 'every', milliseconds: every ?? standard } : { kind: 'cron', pattern }
}

function readTiming(entry: Entry): Timing {
  const consecutive = entry.read('consecutive', wholeOf(1, 1_000), 'a whole number from 1 to 1000') ?? 1
  const resolveAfter = entry.read('resolveAfter', wholeOf(1, 1_000), 'a whole number from 1 to 1000') ?? 1
  const notifyEvery = entry.read(
    'notifyEvery',
    (value) => (value === 'never' ? 'never' : durationBetween(60_000, 30 * 86_400_000)(value)),
    'a time from 1m to 30d, or never',
  )
  return {
    consecutive,
    resolveAfter,
    ...(typeof notifyEvery === 'number' ? { notifyEveryMilliseconds: notifyEvery } : {}),
  }
}

function durationBetween(from: number, to: number): (value: unknown) => number | undefined {
  return (value) => {
    const milliseconds = readDuration(value)
    return milliseconds !== undefined && milliseconds >= from && milliseconds <= to ? milliseconds : undefined
  }
}

function dimensionsOf(value: unknown): readonly Dimension[] | undefined {
  const names = textsOf(value) ?? []
  const found = names.flatMap((name) => dimensionOf(name) ?? [])
  return found.length === names.length && found.length > 0 && new Set(found).size === found.length ? found : undefined
}

function cronOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 200 || value.trim().split(/\s+/).length !== 5) return undefined
  try {
    return new Cron(value, { paused: true }).nextRun() === null ? undefined : value
  } catch {
    return undefined
  }
}

function listOf(names: ReadonlySet<string>): string {
  return names.size === 0 ? 'none' : [...names].join(', ')
}
