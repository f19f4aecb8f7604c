import { type Kind, parsed, refused } from '../kinds/kind.js'

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
}

const TEN_YEARS = 315_360_000

/** Statuses of an item that names none, as in NGINX's proxy_cache_valid. */
const CACHEABLE = ['200', '301', '302']

/**
 * How long answers are kept, in seconds by their status (EXT-7). Of several items for a status the first counts; 0 is
 * not at all.
 */
export const durations: Kind<Readonly<Record<string, number>>> = {
  form: 'durations such as 5m, each with statuses before it, with commas between them',
  parse: (text) => {
    const seconds = new Map<string, number>()
    for (const item of text.split(',')) {
      const words = item.trim().split(/ +/)
      const [, digits, unit = 's'] = /^(\d{1,9})(ms|[smhdwMy])?$/.exec(words.at(-1) ?? '') ?? []
      const codes = words.length === 1 ? CACHEABLE : words.slice(0, -1)
      if (digits === undefined || !codes.every((code) => /^[1-5]\d\d$/.test(code)))
        return refused(`holds ${JSON.stringify(item.trim())}, which is not a duration with statuses before it`)
      for (const code of codes)
        if (!seconds.has(code)) seconds.set(code, Math.min(Number(digits) * (UNITS[unit] ?? 1), TEN_YEARS))
    }
    return parsed(Object.fromEntries([...seconds].filter(([, duration]) => duration > 0)))
  },
}

/** Where a key is given, and no durations. */
export const STANDARD_DURATIONS = '200 202 401 5m'
