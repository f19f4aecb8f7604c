import type { Measured, Unit } from '../../observe/boards/panel.js'
import { bytes, count, duration, percent } from '../words.js'

/** A measured value as people read it. */
export function shown(value: Measured, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return '–'
  switch (unit) {
    case 'count':
      return count(value)
    case 'rate':
      return value >= 100 ? count(value) : value.toFixed(value >= 10 ? 1 : 2)
    case 'bytes':
      return bytes(value)
    case 'share':
      return percent(value)
    case 'seconds':
      return duration(value)
  }
}

/** From which share of failed requests on it is worth a look, and bad (ack.md 6). */
export function shareTone(share: Measured): 'plain' | 'warn' | 'bad' {
  if (share === null || share === 0) return 'plain'
  return share > 0.01 ? 'bad' : 'warn'
}

/**
 * How a value stands to the one before: `+12 %`, for shares in percentage points; empty where there is nothing to
 * compare.
 */
export function change(value: Measured, before: Measured | undefined, unit: Unit): string {
  if (value === null || before === null || before === undefined) return ''
  if (unit === 'share') return signed((value - before) * 100, ' points')
  return before === 0 ? '' : signed((value / before - 1) * 100, ' %')
}

function signed(value: number, word: string): string {
  const text = Math.abs(value) >= 10 ? Math.abs(value).toFixed(0) : Math.abs(value).toFixed(1)
  return Number(text) === 0 ? 'no change' : `${value > 0 ? '+' : '−'}${text}${word}`
}
