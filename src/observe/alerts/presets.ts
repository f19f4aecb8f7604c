import type { Threshold, Severity } from './rule.js'
import type { Condition, Dimension, Figure } from '../analytics.js'
import type { OwnFigure } from './figures.js'

/** A rule but for its name; each part can be given another value. */
export interface Preset {
  readonly about: string
  readonly figure: Figure | OwnFigure
  readonly filter?: readonly Condition[]
  readonly by?: readonly Dimension[]
  readonly threshold: Threshold
  readonly windowMilliseconds: number
  readonly everyMilliseconds: number
  readonly severity: Severity
}

const MINUTE = 60_000
const above = (value: number): Threshold => ({ side: 'above', value })
const below = (value: number): Threshold => ({ side: 'below', value })

/** The first five are those of ack.md section 6, with its values. */
export const presets = {
  'server-errors': {
    about: 'share of answers with status 500 or above',
    figure: 'serverErrorShare',
    threshold: above(0.01),
    windowMilliseconds: 5 * MINUTE,
    everyMilliseconds: 5 * MINUTE,
    severity: 'high',
  },
  'backend-latency': {
    about: 'average time that backends take',
    figure: 'upstreamLatencyAverage',
    threshold: above(0.5),
    windowMilliseconds: 2 * MINUTE,
    everyMilliseconds: MINUTE,
    severity: 'medium',
  },
  latency: {
    about: 'average time that requests take',
    figure: 'latencyAverage',
    threshold: above(0.2),
    windowMilliseconds: 2 * MINUTE,
    everyMilliseconds: MINUTE,
    severity: 'medium',
  },
  'success-rate': {
    about: 'share of answers with a status below 400',
    figure: 'successShare',
    threshold: below(0.9),
    windowMilliseconds: 2 * MINUTE,
    everyMilliseconds: MINUTE,
    severity: 'high',
  },
  'illegal-access': {
    about: 'answers 401, 402 and 403',
    figure: 'requests',
    filter: [
      { dimension: 'status', operator: '>=', value: '401' },
      { dimension: 'status', operator: '<=', value: '403' },
    ],
    threshold: above(3),
    windowMilliseconds: 2 * MINUTE,
    everyMilliseconds: MINUTE,
    severity: 'medium',
  },
  'no-traffic': {
    about: 'no request at all',
    figure: 'requests',
    threshold: below(1),
    windowMilliseconds: 5 * MINUTE,
    everyMilliseconds: MINUTE,
    severity: 'high',
  },
  'certificate-expiry': {
    about: 'days until a certificate ends',
    figure: 'certificateDays',
    threshold: below(14),
    windowMilliseconds: 0,
    everyMilliseconds: 60 * MINUTE,
    severity: 'high',
  },
  problems: {
    about: 'problems that leave something out',
    figure: 'problemErrors',
    threshold: above(0),
    windowMilliseconds: 0,
    everyMilliseconds: MINUTE,
    severity: 'low',
  },
  'not-ready': {
    about: 'whether the controller is not ready',
    figure: 'notReady',
    threshold: above(0),
    windowMilliseconds: 0,
    everyMilliseconds: MINUTE,
    severity: 'critical',
  },
  'frame-refused': {
    about: 'whether NGINX refused its last frame',
    figure: 'frameRefused',
    threshold: above(0),
    windowMilliseconds: 0,
    everyMilliseconds: MINUTE,
    severity: 'critical',
  },
  'watch-failing': {
    about: 'seconds for which a watch has been failing',
    figure: 'watchFailing',
    threshold: above(60),
    windowMilliseconds: 0,
    everyMilliseconds: MINUTE,
    severity: 'high',
  },
} as const satisfies Readonly<Record<string, Preset>>

export function presetOf(name: unknown): Preset | undefined {
  return typeof name === 'string' && Object.hasOwn(presets, name) ? presets[name as keyof typeof presets] : undefined // it is a key
}
