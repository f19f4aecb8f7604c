import type { Condition, Dimension, Figure, Query } from '../../analytics.js'
import { quantileIn } from '../tally.js'

/** SQL with places for values: what others wrote is in `values` only. */
export interface Statement {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

const DEFAULT_LIMIT = 1_000

/**
 * A question as SQL: columns `g0`, `g1`, … of the groups, then `f0`, `f1`, … of the figures, and with a step `step`, the
 * begin of it in milliseconds. Names of columns, operators and figures come from the tables below, and from nowhere else.
 *
 * @param tables names of the tables of lines, at least one
 */
export function statementOf(tables: readonly string[], query: Query): Statement {
  const { groupBy = [], figures, order, stepSeconds, from, to, limit = DEFAULT_LIMIT } = query
  const values: (string | number)[] = []
  const place = (value: string | number): string => `$${values.push(value)}`
  const lines = `(${tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL ')})`
  const where = [
    `"time" >= CAST(${place(from)} AS BIGINT)`,
    `"time" < CAST(${place(to)} AS BIGINT)`,
    ...(query.filter ?? []).map((condition) => conditionOf(condition, place)),
  ].join(' AND ')
  const groups = groupBy.map((dimension, i) => `${expressions[dimension]} AS g${i}`)
  const names = groupBy.map((_, i) => `g${i}`)
  const seconds = (to - from) / 1000
  const rank = figureExpression(order?.by ?? figures[0] ?? 'requests', seconds)
  const direction = order?.direction === 'least' ? 'ASC' : 'DESC'
  const grouped = names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`
  const ordered = `ORDER BY rank ${direction} NULLS LAST${names.map((name) => `, ${name}`).join('')}`
  const figuresOver = (over: number): readonly string[] =>
    figures.map((figure, i) => `CAST(${figureExpression(figure, over)} AS DOUBLE) AS f${i}`)
  const limited = `LIMIT ${Math.floor(limit)}`
  if (stepSeconds === undefined) {
    const picked = [...groups, ...figuresOver(seconds), `${rank} AS rank`].join(', ')
    return { sql: `SELECT ${picked} FROM ${lines} WHERE ${where}${grouped} ${ordered} ${limited}`, values }
  }
  const width = Math.floor(stepSeconds) * 1000
  const step = `CAST(${place(from)} AS BIGINT) + (("time" - CAST(${place(from)} AS BIGINT)) // ${width}) * ${width} AS step`
  const fits = `SELECT * FROM ${lines} WHERE ${where}`
  const frequent = `SELECT ${[...groups, `${rank} AS rank`].join(', ')} FROM fits${grouped} ${ordered} ${limited}`
  const steps = `SELECT ${[step, ...groups, ...figuresOver(Math.floor(stepSeconds))].join(', ')} FROM fits GROUP BY ${['step', ...names].join(', ')}`
  const together = names.length === 0 ? 'true' : names.map((name) => `steps.${name} = frequent.${name}`).join(' AND ')
  return {
    sql: `WITH fits AS NOT MATERIALIZED (${fits}), frequent AS MATERIALIZED (${frequent}), steps AS (${steps}) SELECT steps.*, frequent.rank FROM steps JOIN frequent ON ${together} ${ordered.replaceAll(/\bg(\d+)/g, 'steps.g$1')}, step`,
    values,
  }
}

/** The newest line of a request id. */
export function findStatement(table: string, requestId: string): Statement {
  return { sql: `SELECT * FROM ${table} WHERE "requestId" = $1 ORDER BY "time" DESC LIMIT 1`, values: [requestId] }
}

const expressions: Readonly<Record<Dimension, string>> = {
  host: '"host"',
  path: '"path"',
  status: 'CAST("status" AS VARCHAR)',
  method: '"method"',
  service: '"service"',
  upstreamStatus: '"upstreamStatus"',
  client: '"client"',
  browser: '"browser"',
  os: '"os"',
  device: '"device"',
  country: '"country"',
  region: '"region"',
  city: '"city"',
}

function conditionOf({ dimension, operator, value }: Condition, place: (value: string) => string): string {
  const column = expressions[dimension]
  switch (operator) {
    case '=':
      return `${column} = ${place(value)}`
    case '!=':
      return `${column} <> ${place(value)}`
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `TRY_CAST(${column} AS INTEGER) ${operator} TRY_CAST(${place(value)} AS INTEGER)`
    case '~':
      return `lower(${column}) LIKE ${place(patternOf(value))} ESCAPE '\\'`
    case '!~':
      return `lower(${column}) NOT LIKE ${place(patternOf(value))} ESCAPE '\\'`
  }
}

/** Contains, with `*` for any text. */
function patternOf(value: string): string {
  const pieces = value.toLowerCase().split('*')
  return `%${pieces.map((piece) => piece.replaceAll(/[\\%_]/g, String.raw`\$&`)).join('%')}%`
}

function figureExpression(figure: Figure, seconds: number): string {
  switch (figure) {
    case 'requests':
      return 'count(*)'
    case 'requestsPerSecond':
      return `count(*) / ${seconds}`
    case 'visitors':
      return `count(DISTINCT "client") FILTER ("client" <> '')`
    case 'bytesSent':
      return 'coalesce(sum("bytesSent"), 0)'
    case 'requestBytes':
      return 'coalesce(sum("requestBytes"), 0)'
    case 'successShare':
      return shareOf('"status" < 400')
    case 'errorShare':
      return shareOf('"status" >= 400')
    case 'serverErrorShare':
      return shareOf('"status" >= 500')
    case 'serverErrors':
      return 'count(*) FILTER ("status" >= 500)'
    case 'notFoundShare':
      return shareOf('"status" = 404')
    case 'notFound':
      return 'count(*) FILTER ("status" = 404)'
    case 'notForwardedShare':
      return shareOf(`"upstreamStatus" = ''`)
    case 'mobileShare':
      return shareOf(`"device" = 'mobile'`)
    case 'androidShare':
      return shareOf(`"os" = 'Android'`)
    case 'iosShare':
      return shareOf(`"os" = 'iOS'`)
    case 'latencyAverage':
      return 'avg("duration") / 1000'
    case 'upstreamLatencyAverage':
      return 'avg("upstreamDuration") / 1000'
    case 'latencyP50':
    case 'latencyP90':
    case 'latencyP95':
    case 'latencyP99':
    case 'latencyP999':
    case 'latencyP9999':
      return quantileOf('"duration"', figure)
    case 'upstreamLatencyP50':
    case 'upstreamLatencyP90':
    case 'upstreamLatencyP95':
    case 'upstreamLatencyP99':
    case 'upstreamLatencyP999':
    case 'upstreamLatencyP9999':
      return quantileOf('"upstreamDuration"', figure)
  }
}

const QUANTILES = ['P50', 'P90', 'P95', 'P99', 'P999', 'P9999'].map(quantileIn)

/** All of them always: DuckDB keeps the values once for expressions that are the same, and else once for each. */
function quantileOf(column: string, figure: Figure): string {
  return `list_extract(quantile_disc(${column}, [${QUANTILES.join(', ')}]), ${QUANTILES.indexOf(quantileIn(figure)) + 1}) / 1000`
}

function shareOf(condition: string): string {
  return `count(*) FILTER (${condition}) / nullif(count(*), 0)`
}
