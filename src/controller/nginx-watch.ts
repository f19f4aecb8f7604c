import type { Applier } from '../apply/applier.js'
import type { NginxProcess } from '../apply/nginx-process.js'

/** Sees that NGINX has ended, or has no workers left, and starts it again. */
export interface NginxWatch {
  /** What is wrong, as the beginning of a sentence; undefined: nothing, or it was tried to mend it a moment ago. */
  look(now: number): string | undefined
  /** One attempt with the last frame and table; whether NGINX serves after it. */
  recover(what: string, isStopping: () => boolean): Promise<boolean>
}

interface NginxWatchParts {
  readonly nginx: Pick<NginxProcess, 'pid' | 'workers' | 'signal' | 'waitForEnd'>
  readonly applier: Pick<Applier, 'revive'>
  /** For the log and the history. */
  say(level: 'info' | 'error', text: string): void
}

/** A master between two workers, or that begins, has none for an instant. */
const LOOKS_WITHOUT_WORKERS = 10
const FIRST_PAUSE_MILLISECONDS = 50
const LONGEST_PAUSE_MILLISECONDS = 5_000

/** To be asked every 200 ms. */
export function createNginxWatch({ nginx, applier, say }: NginxWatchParts): NginxWatch {
  let looksWithoutWorkers = 0
  let isLost = false
  let pause = FIRST_PAUSE_MILLISECONDS
  let notBefore = 0

  function wrong(): string | undefined {
    if (nginx.pid() === undefined) return 'NGINX has ended'
    looksWithoutWorkers = nginx.workers()?.length === 0 ? looksWithoutWorkers + 1 : 0
    if (looksWithoutWorkers >= LOOKS_WITHOUT_WORKERS) return 'NGINX has no workers any more'
    if (isLost && looksWithoutWorkers === 0) {
      isLost = false
      pause = FIRST_PAUSE_MILLISECONDS
      say('info', `NGINX runs again (process ${nginx.pid() ?? 0})`)
    }
    return undefined
  }

  return {
    look(now) {
      const what = wrong()
      return now < notBefore ? undefined : what
    },
    async recover(what, isStopping) {
      if (!isLost) say('error', `${what} and is started again with the last table`)
      isLost = true
      looksWithoutWorkers = 0
      if (nginx.pid() !== undefined) {
        nginx.signal('SIGTERM')
        await nginx.waitForEnd(5_000)
      }
      if (isStopping()) return false
      const failed = await applier.revive()
      for (const { message } of failed) say('error', message)
      if (failed.length === 0) return true
      notBefore = performance.now() + pause
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)
      return false
    },
  }
}
