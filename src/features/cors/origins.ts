import { type Kind, parsed, refused } from '../kinds/kind.js'

/** What `cors-allow-origin` admits. */
export type Origins =
  /** Any, and requests without an origin too (COR-2). */
  | { readonly kind: 'any' }
  /** `items` in lower case; `skipped` are not of the stated form (COR-3). */
  | { readonly kind: 'listed'; readonly items: readonly string[]; readonly skipped: readonly string[] }

const ITEM = /^[a-z]+:\/\/(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?$/i

/**
 * A comma separated list of origins. A wrong item is left out and hurts no other one, so that a slip of the pen never comes
 * to admitting every origin, which is what the default would do.
 */
export const origins: Kind<Origins> = {
  form: 'comma separated list of scheme://host, scheme://host:port, scheme://*.host, null, or *',
  parse: (text) => {
    // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
    if (/[\x00-\x1f\x7f]/.test(text)) return refused('holds a control character')
    const all = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
    if (all.includes('*')) return parsed({ kind: 'any' })
    if (all.length === 0) return refused('names no origin')
    const isItem = (item: string): boolean => item === 'null' || (ITEM.test(item) && /^[a-z]+:/.test(item))
    const items = [...new Set(all.filter(isItem).map((item) => item.toLowerCase()))].sort()
    return parsed({ kind: 'listed', items, skipped: all.filter((item) => !isItem(item)) })
  },
}
