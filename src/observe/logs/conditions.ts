import { OTHER, type Condition, type Dimension } from '../analytics.js'

/** Whether a value of the condition's dimension fits it. What was too rare to be kept by itself fits none but `!=`. */
export function compileCondition({ operator, value }: Condition): (actual: string) => boolean {
  switch (operator) {
    case '=':
      return (actual) => actual === value
    case '!=':
      return (actual) => actual !== value
    case '~':
      return containing(value)
    case '!~': {
      const contains = containing(value)
      return (actual) => actual !== OTHER && !contains(actual)
    }
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const limit = Number(value)
      return (actual) => actual !== '' && actual !== OTHER && compare(Number(actual), operator, limit)
    }
  }
}

/** All conditions, on the values of a row whose dimensions are given. */
export function compileFilter(
  filter: readonly Condition[],
  dimensions: readonly Dimension[],
): (values: readonly string[]) => boolean {
  const tests = filter.map((condition) => ({
    index: dimensions.indexOf(condition.dimension),
    fits: compileCondition(condition),
  }))
  return (values) => tests.every(({ index, fits }) => fits(values[index] ?? ''))
}

function compare(actual: number, operator: '<' | '<=' | '>' | '>=', limit: number): boolean {
  switch (operator) {
    case '<':
      return actual < limit
    case '<=':
      return actual <= limit
    case '>':
      return actual > limit
    case '>=':
      return actual >= limit
  }
}

/** The pieces between `*`, in their order, anywhere: no expression that a text could make slow. */
function containing(pattern: string): (actual: string) => boolean {
  const pieces = pattern.toLowerCase().split('*')
  return (actual) => {
    const text = actual.toLowerCase()
    let from = 0
    for (const piece of pieces) {
      const at = text.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return true
  }
}
