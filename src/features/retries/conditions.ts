import { type Kind, parsed, refused } from '../kinds/kind.js'

/** PRX-0. */
const WORDS = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'non_idempotent',
  'off',
]

/** Words of proxy_next_upstream, separated by blanks; each once, since NGINX warns of a second. */
export const conditions: Kind<readonly string[]> = {
  form: `some of ${WORDS.join(', ')}`,
  parse: (text) => {
    const words = text.split(/[ \t]+/).filter((word) => word !== '')
    const unknown = words.find((word) => !WORDS.includes(word))
    if (unknown !== undefined) return refused(`holds ${JSON.stringify(unknown)}, which is no condition`)
    return words.length === 0 ? refused('is empty') : parsed([...new Set(words)])
  },
}
