import { find, lower } from '#bytes'
import type { AuthAnswer } from '../../request/auth-question.js'

/**
 * Whether an answer may be kept for other requests (EXT-7), as NGINX's proxy_cache judges it: not one that sets a cookie,
 * which is the session of one client; not one that forbids it; not one that says that it depends on more than the key.
 */
export function mayBeKept({ headers }: AuthAnswer): boolean {
  if (headers['set-cookie'] !== undefined) return false
  for (const line of headers['cache-control'] ?? []) {
    const text = lower(line)
    for (const word of FORBIDDING) if (find(text, word, 0) >= 0) return false
  }
  for (const line of headers['vary'] ?? []) if (lower(line) !== 'accept-encoding') return false
  return true
}

const FORBIDDING = ['no-store', 'no-cache', 'private', 'max-age=0']
