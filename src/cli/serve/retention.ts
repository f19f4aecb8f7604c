import { InvalidArgumentError } from 'commander'
import { parseGoDuration } from '../go-flags.js'

/** How long lines of the access log are kept, and how much of them; whatever is reached first. */
export interface Retention {
  readonly milliseconds: number
  readonly bytes: number
}

const UNITS: Readonly<Record<string, number>> = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
const SMALLEST_BYTES = 16 * 1024 ** 2

export const standardRetention: Retention = { milliseconds: 86_400_000, bytes: 1024 ** 3 }

/** `24h/1GB`, or one of the two; `0`: lines are not kept. For commander. */
export function parseRetention(text: string): Retention {
  if (text === '0') return { milliseconds: 0, bytes: 0 }
  let { milliseconds, bytes } = standardRetention
  for (const part of text.split('/')) {
    const [, size, unit = ''] = /^(\d+(?:\.\d+)?)(MB|GB|TB)$/.exec(part) ?? []
    const [, days] = /^(\d+)d$/.exec(part) ?? []
    if (size !== undefined) bytes = Number(size) * (UNITS[unit] ?? 1)
    else milliseconds = days === undefined ? durationOf(part) : Number(days) * 86_400_000
  }
  if (bytes < SMALLEST_BYTES) throw new InvalidArgumentError('At least 16MB are needed; 0 keeps no lines.')
  if (milliseconds < 60_000) throw new InvalidArgumentError('At least 1m is needed; 0 keeps no lines.')
  return { milliseconds, bytes }
}

function durationOf(text: string): number {
  try {
    return parseGoDuration(text)
  } catch {
    throw new InvalidArgumentError('A time, a size or both are needed, such as 24h/1GB; 0 keeps no lines.')
  }
}
