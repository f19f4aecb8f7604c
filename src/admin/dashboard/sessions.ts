import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Browsers that have shown the token. */
export interface Sessions {
  /** A new one, by the value of its cookie. */
  open(): string
  has(value: string): boolean
  close(value: string): void
}

export const SESSION_SECONDS = 12 * 3600
/** The oldest goes when there are more. */
const MOST = 100

/** `now` in milliseconds of a clock that does not jump. They end with the process. */
export function createSessions(now: () => number): Sessions {
  /** By digest, so that looking one up tells nothing of the others by its time. */
  const sessions = new Map<string, number>()
  return {
    open() {
      const value = randomBytes(32).toString('base64url')
      sessions.set(digestOf(value), now() + SESSION_SECONDS * 1000)
      const [oldest] = sessions.keys()
      if (sessions.size > MOST && oldest !== undefined) sessions.delete(oldest)
      return value
    },
    has(value) {
      const end = sessions.get(digestOf(value))
      if (end === undefined) return false
      if (end > now()) return true
      sessions.delete(digestOf(value))
      return false
    },
    close: (value) => void sessions.delete(digestOf(value)),
  }
}

/** Whether two secrets are the same, in a time that does not depend on where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}

function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}
