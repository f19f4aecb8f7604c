import { type Kind, parsed, refused } from './kind.js'

/**
 * A size in bytes: digits, and one of `b k m g` in any case or nothing (annotations.md section 0.3).
 *
 * @param most the largest one that is read; NGINX's own limits are checked where sizes meet
 * @param least the smallest one
 */
export function sizeUpTo(most: number, least = 0): Kind<number> {
  return {
    form: 'size, such as 8k, 10m, 1g',
    parse: (text) => {
      const [, digits = '', unit = ''] = /^(\d{1,15})([bkmg]?)$/i.exec(text) ?? []
      if (digits === '') return refused('is not a size such as 8k, 10m or 1g')
      const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
      if (bytes < least) return refused(`is less than ${least} bytes`)
      return bytes > most ? refused(`is more than ${most} bytes`) : parsed(bytes)
    },
  }
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Any size that NGINX counts with. */
export const size = sizeUpTo(2 ** 50)
