import type { AnalyticsStatus } from '../analytics.js'

/** How a number is to be read: a count, a count a second, bytes, a part of one, a time in seconds. */
export type Unit = 'count' | 'rate' | 'bytes' | 'share' | 'seconds'

/** null: there was nothing to measure. */
export type Measured = number | null

export interface FigureOfPanel {
  readonly label: string
  readonly unit: Unit
  readonly value: Measured
  /** The same of the time before, where it is compared. */
  readonly before?: Measured
  /** The same of a week before. */
  readonly weekBefore?: Measured
}

/** Something unusual on a curve. */
export interface Mark {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly text: string
}

export type PanelData =
  | { readonly kind: 'figures'; readonly figures: readonly FigureOfPanel[] }
  | {
      readonly kind: 'series'
      readonly unit: Unit
      /** Begins of the steps, in milliseconds since the epoch. */
      readonly times: readonly number[]
      readonly lines: readonly { readonly label: string; readonly values: readonly Measured[] }[]
      readonly marks: readonly Mark[]
    }
  | {
      readonly kind: 'table'
      /** What the names of the rows are. */
      readonly of: string
      readonly columns: readonly { readonly title: string; readonly unit: Unit }[]
      readonly rows: readonly { readonly name: string; readonly values: readonly Measured[] }[]
      /** Rare names may be missing. */
      readonly approximate: boolean
      /** What is more to see of a name: how a URL is decided, or the board of a host. */
      readonly leadsTo?: 'explain' | 'monitoring'
    }
  | { readonly kind: 'compare'; readonly a: string; readonly b: string; readonly rows: readonly ComparedFigure[] }
  /** Why there is nothing to show. */
  | { readonly kind: 'nothing'; readonly reason: string }

export interface ComparedFigure {
  readonly label: string
  readonly unit: Unit
  readonly a: Measured
  readonly b: Measured
}

export interface Panel {
  readonly title: string
  /** Such as `last hour`. */
  readonly window: string
  /** How the numbers are made, where that is not plain. */
  readonly help?: string
  /** Takes a whole line. */
  readonly wide?: true
  readonly data: PanelData
}

export interface Board {
  readonly title: string
  /** How to read it, where that holds for all panels. */
  readonly lead?: string
  readonly panels: readonly Panel[]
  /** Services that may be chosen. */
  readonly services: readonly string[]
  readonly status: AnalyticsStatus
  /** When it was made; milliseconds since the epoch. */
  readonly at: number
}

/** What is answered where there is no board. */
export interface NoBoard {
  readonly nothing: string
}
