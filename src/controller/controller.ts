import type { Applier, Desired } from '../apply/applier.js'
import type { NginxProcess } from '../apply/nginx-process.js'
import { reasonOf } from '../apply/state-folder.js'
import type { TableWriter } from '../apply/table-writer.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { Problem } from '../problems/problem.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { TranslateOptions } from '../translate/options.js'
import { translate, type Surroundings, type Translation } from '../translate/translate.js'
import type { Health } from './health.js'

/** Where desired state comes from. */
export interface Source {
  current(): { readonly snapshot: Snapshot; readonly problems: readonly Problem[] }
}

export interface ControllerParts {
  readonly source: Source
  readonly applier: Applier
  readonly nginx: NginxProcess
  readonly table: TableWriter
  readonly options: TranslateOptions
  readonly fallbackCertificate: Surroundings['fallbackCertificate']
  /** The frame for what the ConfigMap says, with a number. */
  printFrame(choices: FrameChoices, generation: number): string
  onProblems(problems: readonly Problem[]): void
  log(level: 'info' | 'warn' | 'error', message: string): void
}

export interface Controller {
  /** First pass; when it is over, NGINX serves what was read. */
  begin(): Promise<void>
  /** Something changed: reconcile soon. Calls while a pass runs are one more pass. */
  changed(): void
  health(): Health
  problems(): readonly Problem[]
  reloads(): number
  /** Health says from now on that the controller stops (SHD-1); passes go on. */
  announceStop(): void
  /** No more passes; the snapshot is written. NGINX is not touched. */
  end(): Promise<void>
}

const WATCH_MILLISECONDS = 200
const SAVE_MILLISECONDS = 2_000
const LONGEST_PAUSE_MILLISECONDS = 5_000

/** The loop: gather, translate, plan, apply; and NGINX is started again when it dies. */
export function createController(parts: ControllerParts): Controller {
  const { source, applier, nginx, table, options, log } = parts
  let translation: Translation | undefined
  let ready = false
  let stopping = false
  let stopAnnounced = false
  let wanted = false
  let pass: Promise<void> = Promise.resolve()
  let running = false
  let problems: readonly Problem[] = []
  let pause = 0
  const timers: NodeJS.Timeout[] = []

  function desire(): { readonly desired: Desired; readonly found: readonly Problem[] } {
    const { snapshot, problems: sourceProblems } = source.current()
    const made = translate(
      snapshot,
      options,
      { fallbackCertificate: parts.fallbackCertificate, now: Date.now() },
      translation,
    )
    translation = made
    const desired: Desired = {
      documents: made.documents,
      profiles: [],
      printFrame: (generation) => parts.printFrame(made.frame, generation),
    }
    return { desired, found: [...sourceProblems, ...made.problems] }
  }

  async function reconcile(apply: (desired: Desired) => Promise<readonly Problem[]>): Promise<void> {
    const { desired, found } = desire()
    const applied = await apply(desired)
    problems = [...found, ...applied]
    parts.onProblems(problems)
    // What was refused with a problem of its own waits for its owner, and nothing waits for it.
    if (applied.every(({ code }) => code === 'table/document-too-large')) ready = true
    else retryLater()
  }

  /** What could not be applied is tried again, at first soon, then less and less often. */
  function retryLater(): void {
    pause = Math.min(Math.max(pause * 2, 250), LONGEST_PAUSE_MILLISECONDS)
    const timer = setTimeout(changed, pause)
    timer.unref()
  }

  function changed(): void {
    if (stopping) return
    wanted = true
    if (running) return
    running = true
    pass = work().finally(() => {
      running = false
    })
  }

  async function work(): Promise<void> {
    while (wanted && !stopping) {
      wanted = false
      try {
        await reconcile(applier.apply)
        pause = 0
      } catch (cause) {
        log('error', `a pass failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
        retryLater()
      }
    }
  }

  async function watchNginx(): Promise<void> {
    if (stopping || running || nginx.pid() !== undefined) return
    running = true
    ready = false
    log('error', 'NGINX has ended; it is started again with the last table')
    for (let wait = 50; !stopping && nginx.pid() === undefined; wait = Math.min(wait * 2, LONGEST_PAUSE_MILLISECONDS)) {
      const failed = await applier.revive()
      if (failed.length === 0) break
      for (const { message } of failed) log('error', message)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
    running = false
    log('info', `NGINX runs again (process ${nginx.pid() ?? 0})`)
    changed()
  }

  function every(milliseconds: number, act: () => unknown): void {
    const timer = setInterval(act, milliseconds)
    timer.unref()
    timers.push(timer)
  }

  function save(): void {
    try {
      table.save()
    } catch (cause) {
      log('warn', `the snapshot of the table could not be written: ${reasonOf(cause)}`)
    }
  }

  return {
    async begin() {
      await reconcile(applier.begin)
      every(WATCH_MILLISECONDS, watchNginx)
      every(SAVE_MILLISECONDS, () => {
        if (!running) save()
        return running ? undefined : table.tidy(Date.now())
      })
    },
    changed,
    announceStop: () => {
      stopAnnounced = true
    },
    health: () => ({
      stopping: stopping || stopAnnounced,
      nginx: nginx.pid(),
      ready,
      reason: ready
        ? `revision ${table.revision()} is live`
        : (problems.at(-1)?.message ?? 'the first table is not live yet'),
    }),
    problems: () => problems,
    reloads: () => applier.reloads(),
    async end() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      await pass
      save()
    },
  }
}
