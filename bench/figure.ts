import type { Spread } from './statistics.js'

export type Unit = 'times' | 'ms' | 's' | 'MB' | 'cores' | 'count'

/** What a figure should be: not more than `atMost`, and better `aim`. */
export interface Goal {
  readonly atMost: number
  readonly aim: number
}

/** One line of the result. */
export interface Figure {
  /** Names it in the JSON file; stays the same from run to run. */
  readonly id: string
  readonly what: string
  readonly unit: Unit
  readonly value: number
  readonly spread?: Spread | undefined
  readonly goal?: Goal | undefined
  /** What a reader must know to take it as it is meant. */
  readonly note?: string | undefined
}

export type Verdict = 'aim reached' | 'reached' | 'NOT reached' | ''

/** Empty when nothing was asked of the figure. */
export function verdictOf({ value, goal }: Pick<Figure, 'value' | 'goal'>): Verdict {
  if (goal === undefined) return ''
  if (value <= goal.aim) return 'aim reached'
  return value <= goal.atMost ? 'reached' : 'NOT reached'
}

export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(2)} x`
    case 'ms':
      return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
    case 's':
      return `${value.toFixed(2)} s`
    case 'MB':
      return `${value.toFixed(0)} MB`
    case 'cores':
      return `${value.toFixed(2)} cores`
    case 'count':
      return value.toFixed(0)
  }
}
