import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createBucket } from './bucket.js'
import { createSessions, isSameSecret, SESSION_SECONDS } from './sessions.js'

/** Who may look. */
export interface GateOptions {
  /** Whoever has it may see everything. */
  readonly token: string
  /** Asks Kubernetes about another token; absent: there is no other. */
  review?(token: string): Promise<'allowed' | 'refused' | 'unknown'>
  /** Only names of this machine are answered to, so that no other site can borrow the address (DNS rebinding). */
  readonly loopback: boolean
  readonly cookie: string
  /** Milliseconds of a clock that does not jump. */
  now(): number
}

export interface Gate {
  /** Refuses requests that another site may have caused. */
  readonly guard: MiddlewareHandler
  /** Lets through who has shown a token. */
  readonly admit: MiddlewareHandler
  login(context: Context, token: string): Promise<Response>
  logout(context: Context): Response
}

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i
const LONGEST_TOKEN = 8_192

export function createGate(options: GateOptions): Gate {
  const sessions = createSessions(options.now)
  // Failures only: whoever has the token is never kept waiting by others who have not.
  const failures = createBucket(20, 0.5, options.now)

  async function judge(token: string): Promise<'allowed' | 'refused' | 'busy'> {
    if (token === '' || token.length > LONGEST_TOKEN) return 'refused'
    if (isSameSecret(token, options.token)) return 'allowed'
    if (options.review === undefined) return 'refused'
    if (!failures.take()) return 'busy'
    const verdict = await options.review(token)
    return verdict === 'unknown' ? 'busy' : verdict
  }

  return {
    guard: async (context, next) => {
      const host = context.req.header('host') ?? ''
      if (options.loopback && !LOOPBACK.test(host))
        return refuse(context, 421, 'This port answers to names of this machine only, such as localhost.')
      // RFC 9110, 9.2.1: nothing else changes anything here, and nothing that changes may come from another site.
      if (context.req.method === 'GET' || context.req.method === 'HEAD') return next()
      if (context.req.method !== 'POST') return refuse(context, 405, 'Only GET and POST are answered.')
      const site = context.req.header('sec-fetch-site')
      const origin = context.req.header('origin')
      const isForeign =
        (site !== undefined && site !== 'same-origin') || (origin !== undefined && origin !== `http://${host}`)
      if (isForeign) return refuse(context, 403, 'A request of another site is not answered.')
      const type = context.req.header('content-type') ?? ''
      if (!/^application\/json(?:;|$)/i.test(type)) return refuse(context, 415, 'The body has to be application/json.')
      return next()
    },
    admit: async (context, next) => {
      const [, bearer] = /^Bearer ([\x21-\x7e]+)$/i.exec(context.req.header('authorization') ?? '') ?? []
      if (bearer === undefined) {
        if (sessions.has(getCookie(context, options.cookie) ?? '')) return next()
        return refuse(context, 401, 'A token is needed.')
      }
      const verdict = await judge(bearer)
      if (verdict === 'allowed') return next()
      return verdict === 'busy'
        ? refuse(context, 429, 'The token cannot be judged now; try again in a moment.')
        : refuse(context, 401, 'The token is not accepted.')
    },
    async login(context, token) {
      const verdict = await judge(token)
      if (verdict === 'busy') return refuse(context, 429, 'The token cannot be judged now; try again in a moment.')
      if (verdict === 'refused') return refuse(context, 401, 'The token is not accepted.')
      const value = sessions.open()
      setCookie(context, options.cookie, value, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: SESSION_SECONDS,
      })
      return context.json({ ok: true })
    },
    logout(context) {
      sessions.close(getCookie(context, options.cookie) ?? '')
      deleteCookie(context, options.cookie, { path: '/' })
      return context.json({ ok: true })
    },
  }
}

export function refuse(
  context: Context,
  status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 421 | 429 | 503,
  message: string,
): Response {
  if (status === 429 || status === 503) context.header('retry-after', '1')
  return context.json({ message }, status)
}
