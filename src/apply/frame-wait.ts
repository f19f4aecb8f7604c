import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIN_TIMEOUT_SECONDS } from '../frame/min-timeout.js'
import { lastErrors } from './complaints.js'
import type { ControlClient, EngineStatus } from './control-client.js'
import type { Done, NginxProcess } from './nginx-process.js'
import type { StateFolder } from './state-folder.js'

/** Waits for what the workers of a frame do. */
export interface FrameWait {
  /** Until all workers of a frame are up, by default of whichever was just started; its cause says why not. */
  forWorkers(generation?: number): Promise<Done>
  /**
   * Until no worker of an older frame is left; or for so long, by default as long as those answer on kept connections
   * after they were told to finish.
   */
  forDrain(generation: number, milliseconds?: number): Promise<void>
}

/** How long NGINX may take to answer after a start or reload before that counts as failed. */
const PATIENCE_MILLISECONDS = 20_000

/** A socket that no worker reads takes questions all the same. */
const ANSWER_MILLISECONDS = 1_000

/** A master may be without workers for so long: between two of them, and after it has read its file. */
const ALONE_MILLISECONDS = 1_000

/**
 * And so long with those of the frame before only, once these do not answer any more: they have been told to finish, or
 * are busy.
 */
const OLD_ONLY_MILLISECONDS = 5_000

export function createFrameWait(
  client: Pick<ControlClient, 'status'>,
  nginx: Pick<NginxProcess, 'pid' | 'workers'>,
  folder: StateFolder,
  format: string,
): FrameWait {
  async function poll(isDone: (status: EngineStatus) => boolean): Promise<Done> {
    let last = 'no answer'
    // After a reload these finish what they have, which may take long.
    const before = new Set(nginx.workers())
    let lastSign: number | undefined
    for (const end = performance.now() + PATIENCE_MILLISECONDS; performance.now() < end; await sleep(10)) {
      const answer = await Promise.race([client.status(), late()])
      if (answer.ok && isDone(answer.value)) return { ok: true }
      if (!answer.ok) last = answer.cause
      if (nginx.pid() === undefined) return { ok: false, cause: `NGINX ended; ${lastErrors(folder)}` }
      const workers = nginx.workers()
      if (answer.ok || workers === undefined || workers.some((pid) => !before.has(pid))) lastSign = performance.now()
      // NGINX writes this file when it has read all others, and starts workers next.
      else if (existsSync(folder.pid)) lastSign ??= performance.now()
      const patience = workers?.length === 0 ? ALONE_MILLISECONDS : OLD_ONLY_MILLISECONDS
      if (lastSign !== undefined && performance.now() - lastSign > patience)
        return { ok: false, cause: `NGINX cannot start workers; ${lastErrors(folder)}` }
    }
    return { ok: false, cause: `NGINX did not report the new frame (${last}); ${lastErrors(folder)}` }
  }

  return {
    forWorkers(generation) {
      return poll(({ format: theirs, workers, count }) => {
        const isOfIt = (worker: EngineStatus['workers'][number]): boolean =>
          (generation === undefined || worker.generation === generation) && worker.state === 'up' && isAlive(worker.pid)
        const up = workers.filter(isOfIt).length
        return (generation === undefined || theirs === format) && up > 0 && up >= count
      })
    },
    async forDrain(generation, milliseconds = MIN_TIMEOUT_SECONDS * 1000 + 1000) {
      const end = performance.now() + milliseconds
      while (performance.now() < end) {
        const answer = await client.status()
        if (
          answer.ok &&
          answer.value.workers.every((worker) => worker.generation >= generation || !isAlive(worker.pid))
        )
          return
        await sleep(100)
      }
    },
  }
}

async function late(): Promise<{ readonly ok: false; readonly cause: string }> {
  await sleep(ANSWER_MILLISECONDS, undefined, { ref: false })
  return { ok: false, cause: 'no worker answers' }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}
