/** Whether the NGINX that runs answers: a master may be there and have no worker that can. */
export interface Pulse {
  /** Asks it, unless it is being asked; to be called every few seconds, once it was begun. */
  beat(): Promise<void>
  /** What is wrong, as a sentence; undefined: it answers. */
  trouble(): string | undefined
}

/** Longer than all workers at once are busy: a firewall may have one for seconds with a large body. */
const PATIENCE_MILLISECONDS = 20_000

/** @param ask whether a worker answered, sooner or later */
export function createPulse(ask: () => Promise<boolean>, now: () => number = () => performance.now()): Pulse {
  let isAsking = false
  /** When the first question was asked that has no answer. */
  let since: number | undefined
  return {
    async beat() {
      if (isAsking) return
      isAsking = true
      since ??= now()
      const isAnswered = await ask().catch(() => false)
      isAsking = false
      if (isAnswered) since = undefined
    },
    trouble() {
      const silence = since === undefined ? 0 : now() - since
      if (silence < PATIENCE_MILLISECONDS) return undefined
      return `NGINX runs, and none of its workers has answered for ${Math.floor(silence / 1000)} s`
    },
  }
}
