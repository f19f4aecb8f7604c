import { OTHER, type Answer, type AnswerRow, type Dimension, type Figure, type Query } from '../analytics.js'
import { compileFilter } from './conditions.js'
import { cubeFor, cubes, keyOf, type Cube } from './cubes.js'
import type { Level, RollUp } from './roll-up.js'
import { createTally, figureOf, mergeKept, type Tally } from './tally.js'
import { checkCondition } from './where.js'

const MOST_ROWS = 200_000
const DEFAULT_LIMIT = 1_000
/** Below so many intervals the ends of the time would be too rough; more only take time. */
const ENOUGH_INTERVALS = 24

interface Group {
  readonly values: readonly string[]
  readonly whole: Tally
  readonly steps: Map<number, Tally>
}

/** Answers from roll-ups. */
export function select(rollUp: RollUp, query: Query): Answer {
  const { filter = [], groupBy = [], figures } = query
  const wrong = checkQuery(query)
  if (wrong !== undefined) return { ok: false, message: wrong }
  const cube = cubeFor(new Set<Dimension>([...filter.map(({ dimension }) => dimension), ...groupBy]), figures)
  if (cube === undefined) return { ok: false, message: describeImpossible(query) }
  rollUp.settle()
  const level = levelFor(rollUp, query)
  const stepSeconds = query.stepSeconds === undefined ? undefined : roundUp(query.stepSeconds, level.seconds)
  const width = level.seconds * 1000
  const from = Math.floor(query.from / width) * width
  const last = stepSeconds === undefined ? 0 : (query.to - from) / (stepSeconds * 1000)
  const { groups, hadRest } = gather(rollUp, level, cube, { ...query, from }, stepSeconds)
  if (groups.length * last > MOST_ROWS)
    return {
      ok: false,
      message: `That is more than ${MOST_ROWS} rows: ask for a shorter time, wider steps or fewer groups.`,
    }
  return {
    ok: true,
    rows: rowsOf(groups, query, from, stepSeconds),
    resolutionSeconds: level.seconds,
    source: 'rolled-up',
    approximate: hadRest && cube.dimensions.length > 0,
  }
}

/** A sentence if the question makes no sense. */
export function checkQuery({ from, to, stepSeconds, filter = [], figures, limit }: Query): string | undefined {
  if (!(from < to)) return 'The time has to begin before it ends.'
  if (figures.length === 0) return 'No figure is asked for.'
  if (stepSeconds !== undefined && !(stepSeconds >= 1)) return 'A step has at least a second.'
  if (limit !== undefined && !(limit >= 1)) return 'The limit is at least 1.'
  return filter.map(checkCondition).find((sentence) => sentence !== undefined)
}

function gather(
  rollUp: RollUp,
  level: Level,
  cube: Cube,
  { from, to, filter = [], groupBy = [], figures, order, limit = DEFAULT_LIMIT }: Query,
  stepSeconds: number | undefined,
): { readonly groups: readonly Group[]; readonly hadRest: boolean } {
  const fits = compileFilter(filter, cube.dimensions)
  const places = groupBy.map((dimension) => cube.dimensions.indexOf(dimension))
  const parts = {
    latency: figures.some((figure) => figure.startsWith('latencyP')),
    upstream: figures.some((figure) => figure.startsWith('upstreamLatencyP')),
  }
  const groups = new Map<string, Group>()
  let hadRest = false
  for (const [start, interval] of rollUp.intervals(level)) {
    if (start < from || start >= to) continue
    for (const { values, tally } of interval.get(cube.name)?.values() ?? []) {
      if (values.includes(OTHER)) hadRest = true
      if (!fits(values)) continue
      const group = groupOf(
        groups,
        places.map((place) => values[place] ?? ''),
      )
      mergeKept(group.whole, tally, parts)
      if (stepSeconds === undefined) continue
      const step = from + Math.floor((start - from) / (stepSeconds * 1000)) * stepSeconds * 1000
      let ofStep = group.steps.get(step)
      if (ofStep === undefined) group.steps.set(step, (ofStep = createTally()))
      mergeKept(ofStep, tally, parts)
    }
  }
  if (groupBy.length === 0) groupOf(groups, [])
  return {
    groups: inOrder(
      [...groups.values()],
      order ?? { by: figures[0] ?? 'requests', direction: 'most' },
      (to - from) / 1000,
    ).slice(0, limit),
    hadRest,
  }
}

function groupOf(groups: Map<string, Group>, values: readonly string[]): Group {
  const key = keyOf(values)
  const found = groups.get(key)
  if (found !== undefined) return found
  const made = { values, whole: createTally(), steps: new Map<number, Tally>() }
  groups.set(key, made)
  return made
}

/** What was too rare to be kept by itself is no group like the others and comes last. */
function inOrder(
  groups: readonly Group[],
  { by, direction }: { readonly by: Figure; readonly direction: 'most' | 'least' },
  seconds: number,
): readonly Group[] {
  const sign = direction === 'most' ? -1 : 1
  return groups
    .map((group) => ({ group, rest: Number(group.values.includes(OTHER)), rank: figureOf(by, group.whole, seconds) }))
    .toSorted((a, b) => {
      if (a.rest !== b.rest) return a.rest - b.rest
      if (a.rank === null || b.rank === null) return Number(a.rank === null) - Number(b.rank === null)
      return sign * (a.rank - b.rank) || (keyOf(a.group.values) < keyOf(b.group.values) ? -1 : 1)
    })
    .map(({ group }) => group)
}

function rowsOf(
  groups: readonly Group[],
  { to, figures }: Query,
  from: number,
  stepSeconds: number | undefined,
): readonly AnswerRow[] {
  if (stepSeconds === undefined) {
    const seconds = (to - from) / 1000
    return groups.map(({ values, whole }) => ({
      group: values,
      figures: figures.map((figure) => figureOf(figure, whole, seconds)),
    }))
  }
  const nothing = createTally()
  const rows: AnswerRow[] = []
  for (const { values, steps } of groups) {
    for (let time = from; time < to; time += stepSeconds * 1000) {
      const tally = steps.get(time) ?? nothing
      rows.push({ time, group: values, figures: figures.map((figure) => figureOf(figure, tally, stepSeconds)) })
    }
  }
  return rows
}

/** The widest intervals that are narrow enough; where they do not reach back so far, wider ones. */
function levelFor(rollUp: RollUp, { from, to, stepSeconds }: Query): Level {
  const { levels } = rollUp
  const oldest = Math.max(from, rollUp.range()?.oldest ?? from)
  const reaching = levels.filter((level) => Math.min(...rollUp.intervals(level).keys()) <= oldest)
  const wanted = stepSeconds ?? Math.max((to - from) / 1000 / ENOUGH_INTERVALS, 1)
  const narrow = reaching.filter(({ seconds }) => seconds <= wanted)
  const chosen = narrow.at(-1) ?? reaching[0] ?? levels.at(-1)
  if (chosen === undefined) throw new Error('a roll-up has at least one level')
  return chosen
}

function roundUp(seconds: number, width: number): number {
  return Math.ceil(seconds / width) * width
}

function describeImpossible({ filter = [], groupBy = [], figures }: Query): string {
  const wanted = [...new Set([...filter.map(({ dimension }) => dimension), ...groupBy])]
  const kept = cubes
    .filter(({ dimensions }) => dimensions.length > 1)
    .map(({ dimensions }) => dimensions.join(' + '))
    .join('; ')
  const by = wanted.length === 0 ? '' : ` by ${wanted.join(' and ')}`
  return `${figures.join(', ')}${by} cannot be told from roll-ups, which are kept by: ${kept}. With the raw store it can (docs/observability.md).`
}
