import type { CredentialResult, Credentials } from './credentials.js'
import type { ExecPlugin, ExecResult } from './exec-plugin.js'

/** New ones are made a little before the old ones end, so that no request is refused in between. */
const EARLY_MILLISECONDS = 10_000
/** A plugin that fails is not run again at once. */
const PAUSE_MILLISECONDS = 5_000

/**
 * Credentials of a plugin, kept until they expire or are refused. Requests that arrive while it runs share the run.
 * `now`: milliseconds that only go forward; `wallClock`: since the epoch, for expiry.
 */
export function createExecCredentials(
  plugin: ExecPlugin,
  now: () => number,
  wallClock: () => number = Date.now,
): Credentials {
  let last: { readonly result: ExecResult; readonly at: number } | undefined
  let running: Promise<CredentialResult> | undefined

  const run = (): Promise<CredentialResult> => {
    running ??= plugin
      .run()
      .then((result) => {
        // What worked and has not expired is better than nothing.
        if (result.ok || last === undefined || !isFresh(last.result)) last = { result, at: now() }
        return withoutExpiry(last.result)
      })
      .finally(() => {
        running = undefined
      })
    return running
  }

  const isFresh = (result: ExecResult): boolean =>
    result.ok && (result.expiresAt === undefined || result.expiresAt - EARLY_MILLISECONDS > wallClock())

  return {
    async current() {
      if (last === undefined) return run()
      if (last.result.ok ? isFresh(last.result) : now() - last.at < PAUSE_MILLISECONDS)
        return withoutExpiry(last.result)
      return run()
    },
    async renew() {
      if (last !== undefined && now() - last.at < PAUSE_MILLISECONDS) return withoutExpiry(last.result)
      return run()
    },
  }
}

function withoutExpiry(result: ExecResult): CredentialResult {
  return result.ok ? { ok: true, credential: result.credential } : result
}
