/** What a threshold is a number of. Shares are from 0 to 1. */
export type Unit = 'share' | 'seconds' | 'days' | 'bytes' | 'count'

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `30s`, `5m`, `1h30m`, `2d` in milliseconds; undefined: it is none. */
export function readDuration(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d{1,9}(?:\.\d{1,6})?(?:ms|s|m|h|d|w))+$/.test(value)) return undefined
  let sum = 0
  for (const [, count, unit = ''] of value.matchAll(/([\d.]+)(ms|s|m|h|d|w)/g))
    sum += Number(count) * (MILLISECONDS[unit] ?? 0)
  return sum
}

/** A number of the unit, or `1%` of a share, `500ms` of a time. undefined: it is none. */
export function readAmount(value: unknown, unit: Unit): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? inRange(value, unit) : undefined
  if (typeof value !== 'string') return undefined
  if (unit === 'share') {
    const [, percent] = /^(\d{1,3}(?:\.\d{1,9})?)\s?%$/.exec(value) ?? []
    return percent === undefined ? undefined : inRange(Number(percent) / 100, unit)
  }
  const milliseconds = unit === 'seconds' || unit === 'days' ? readDuration(value) : undefined
  return milliseconds === undefined ? undefined : milliseconds / (unit === 'days' ? 86_400_000 : 1_000)
}

/** What may be written, for a sentence. */
export const amountForms: Readonly<Record<Unit, string>> = {
  share: 'a share such as 1% or 0.01, at most 100%',
  seconds: 'a time such as 500ms, 2s or 0.5 (seconds)',
  days: 'a time such as 14d or 14 (days)',
  bytes: 'a number of bytes from 0',
  count: 'a number from 0',
}

export function printAmount(value: number, unit: Unit): string {
  switch (unit) {
    case 'share':
      return `${short(value * 100)} %`
    case 'seconds':
      return value < 1 ? `${short(value * 1_000)} ms` : `${short(value)} s`
    case 'days':
      return `${short(value)} days`
    case 'bytes':
      return `${short(value)} bytes`
    case 'count':
      return short(value)
  }
}

/** `90000` is `1m30s`. */
export function printDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds)
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = MILLISECONDS[unit] ?? 1
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}

function inRange(value: number, unit: Unit): number | undefined {
  return unit === 'share' && value > 1 ? undefined : value
}

function short(value: number): string {
  return String(Number(value.toPrecision(value >= 1_000 ? 6 : 3)))
}
