import { parseBoolean } from './boolean.js'
import { type Kind, parsed, refused } from './kind.js'

/** The words of Go's strconv.ParseBool (annotations.md section 0.3). */
export const bool: Kind<boolean> = {
  form: 'true or false',
  parse: (text) => {
    const value = parseBoolean(text)
    return value === undefined ? refused('is neither "true" nor "false"') : parsed(value)
  },
}

/** Optional sign and decimal digits, at most nine of them. */
export function int(limits: { readonly from?: number; readonly to?: number } = {}): Kind<number> {
  const { from = -Infinity, to = Infinity } = limits
  const form = `whole number${from === -Infinity ? '' : ` from ${from}`}${to === Infinity ? '' : ` to ${to}`}`
  return {
    form,
    parse: (text) => {
      if (!/^[+-]?\d{1,9}$/.test(text)) return refused('is not a whole number without unit')
      const value = Number(text)
      return value < from || value > to ? refused(`is not a ${form}`) : parsed(value)
    },
  }
}

/** One of some words, in exactly this spelling. */
export function word<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    form: words.join(', '),
    parse: (text) => {
      const found = words.find((one) => one === text)
      return found === undefined ? refused(`is none of ${words.join(', ')}`) : parsed(found)
    },
  }
}

/**
 * Text of some characters only, and at least one of them (GEN-8: never a line end).
 *
 * @param allowed the inside of a character class of a JavaScript regular expression
 */
export function textOf(form: string, allowed: string): Kind<string> {
  const whole = new RegExp(`^[${allowed}]+$`)
  const other = new RegExp(`[^${allowed}]`, 'u')
  return {
    form,
    parse: (text) => {
      if (whole.test(text)) return parsed(text)
      const wrong = other.exec(text)?.[0]
      return refused(wrong === undefined ? 'is empty' : `holds ${JSON.stringify(wrong)}, which is not allowed here`)
    },
  }
}
