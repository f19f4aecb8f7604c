import { figures, type Figure } from '../analytics.js'
import type { Unit } from './amounts.js'

/** What the controller tells of itself, and by which labels. */
export const ownFigures = [
  /** Problems that leave something out; 0 is told too. */
  'problemErrors',
  'problemWarnings',
  /** Days until a served certificate ends, by `secret`; less than 0 after its end. */
  'certificateDays',
  /** 1: not ready. */
  'notReady',
  /** 1: NGINX refused its last frame and serves with the one before. */
  'frameRefused',
  /** Seconds for which a watch has been failing, by `resource`. */
  'watchFailing',
] as const

export type OwnFigure = (typeof ownFigures)[number]

/** Labels in a fixed order. */
export type Labels = readonly (readonly [name: string, value: string])[]

/** One series of what the controller tells of itself. */
export interface OwnSample {
  readonly labels: Labels
  readonly value: number
}

export function isOwnFigure(name: unknown): name is OwnFigure {
  return ownFigures.some((each) => each === name)
}

export function isLogFigure(name: unknown): name is Figure {
  return figures.some((each) => each === name)
}

/** Counts something: where nothing was asked, it is 0 and not unknown. */
export function isCounting(figure: Figure): boolean {
  return !/Share|atency/.test(figure)
}

export function unitOf(figure: Figure | OwnFigure): Unit {
  if (figure === 'certificateDays') return 'days'
  if (figure === 'watchFailing') return 'seconds'
  if (figure === 'bytesSent' || figure === 'requestBytes') return 'bytes'
  if (figure.endsWith('Share')) return 'share'
  return /atency/.test(figure) ? 'seconds' : 'count'
}
