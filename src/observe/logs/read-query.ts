import {
  dimensions,
  figures as allFigures,
  type Condition,
  type Dimension,
  type Figure,
  type Operator,
  type Query,
} from '../analytics.js'

export type ReadQuery = { readonly ok: true; readonly query: Query } | { readonly ok: false; readonly message: string }

const OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=', '~', '!~']
const MOST_CONDITIONS = 20
const LONGEST_VALUE = 1_000

/** A question that came from outside, as JSON. A sentence where it is none. */
export function readQuery(json: unknown): ReadQuery {
  if (!isObject(json)) return wrong('A question is an object.')
  const { from, to, stepSeconds, limit, order, prefer } = json
  if (!isTime(from) || !isTime(to)) return wrong('from and to are milliseconds since 1970.')
  const figures = listOf(json['figures'], isFigure)
  if (figures === undefined) return wrong(`figures is a list of: ${allFigures.join(', ')}.`)
  const groupBy = listOf(json['groupBy'] ?? [], isDimension)
  if (groupBy === undefined) return wrong(`groupBy is a list of: ${dimensions.join(', ')}.`)
  const filter = readFilter(json['filter'] ?? [])
  if (filter === undefined) return wrong('filter is a list of objects with dimension, operator and value.')
  if (stepSeconds !== undefined && !isCount(stepSeconds)) return wrong('stepSeconds is a whole number from 1.')
  if (limit !== undefined && !isCount(limit)) return wrong('limit is a whole number from 1.')
  const sorted = order === undefined ? undefined : readOrder(order)
  if (order !== undefined && sorted === undefined)
    return wrong('order is an object: by a figure, direction most or least.')
  if (prefer !== undefined && prefer !== 'lines') return wrong("prefer is 'lines', or absent.")
  return {
    ok: true,
    query: {
      from,
      to,
      figures,
      groupBy,
      filter,
      ...(stepSeconds === undefined ? {} : { stepSeconds }),
      ...(prefer === undefined ? {} : { prefer }),
      ...(limit === undefined ? {} : { limit }),
      ...(sorted === undefined ? {} : { order: sorted }),
    },
  }
}

/** undefined: it is no list of conditions. */
export function readFilter(json: unknown): readonly Condition[] | undefined {
  const filter = listOf(json, isCondition)
  return filter === undefined || filter.length > MOST_CONDITIONS ? undefined : filter
}

export function isFigure(value: unknown): value is Figure {
  return allFigures.some((figure) => figure === value)
}

function isDimension(value: unknown): value is Dimension {
  return dimensions.some((dimension) => dimension === value)
}

function isCondition(value: unknown): value is Condition {
  return (
    isObject(value) &&
    isDimension(value['dimension']) &&
    OPERATORS.some((operator) => operator === value['operator']) &&
    typeof value['value'] === 'string' &&
    value['value'].length <= LONGEST_VALUE
  )
}

function readOrder(value: unknown): Query['order'] {
  if (!isObject(value)) return undefined
  const { by, direction } = value
  return isFigure(by) && (direction === 'most' || direction === 'least') ? { by, direction } : undefined
}

function listOf<T>(value: unknown, is: (each: unknown) => each is T): readonly T[] | undefined {
  return Array.isArray(value) && value.every(is) ? value : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e15
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1
}

function wrong(message: string): ReadQuery {
  return { ok: false, message }
}
