import type { Applier, Desired } from '../apply/applier.js'
import type { Happening } from '../apply/frame-change.js'
import type { NginxProcess } from '../apply/nginx-process.js'
import { reasonOf } from '../apply/state-folder.js'
import type { TableWriter } from '../apply/table-writer.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { StreamPort, StreamServices } from '../model/streams.js'
import type { Profile } from '../nginx/profile.js'
import type { Problem } from '../problems/problem.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { TranslateOptions } from '../translate/options.js'
import {
  frameWithout,
  translate,
  type Surroundings,
  type Translation,
  unjudgedPatterns,
} from '../translate/translate.js'
import type { PassReport, ReloadReport } from './events/recorder.js'
import type { Health } from './health.js'
import { createStapledChains } from './ocsp/chains.js'
import type { Stapler } from './ocsp/stapler.js'
import type { PatternJudge } from './pattern-judge.js'
import type { QuicPortJudge } from './quic-port.js'
import type { StreamPortJudge } from './stream-ports.js'
import { createBesideReload } from './beside-reload.js'
import { createNginxWatch } from './nginx-watch.js'
import type { Pulse } from './pulse.js'
import { createServed } from './served.js'

/** Where desired state comes from. */
export interface Source {
  current(): SourceState
}

export interface SourceState {
  readonly snapshot: Snapshot
  readonly problems: readonly Problem[]
  /** Everything that routes are made of has been read once; before that nothing may take the place of what is served. */
  readonly complete: boolean
}

export interface ControllerParts {
  readonly source: Source
  readonly applier: Applier
  readonly nginx: NginxProcess
  readonly table: TableWriter
  readonly options: TranslateOptions
  readonly patterns: PatternJudge
  readonly streamPorts: StreamPortJudge
  readonly quicPort: QuicPortJudge
  readonly fallbackCertificate: Surroundings['fallbackCertificate']
  readonly stapler: Pick<Stapler, 'answers' | 'follow'>
  readonly pulse: Pulse
  /** What failed in NGINX of late; the same list while it is the same. */
  faults(): readonly Problem[]
  /** The frame for what the ConfigMap says, with a number and with these profiles. */
  printFrame(choices: FrameChoices, generation: number, profiles: readonly Profile[]): string
  /** The frame that is wanted is this one; it may be the same as before. */
  onFrame(choices: FrameChoices): void
  onProblems(problems: readonly Problem[]): void
  /** After each pass. */
  onPass(report: PassReport, translation: Translation): void
  /** NGINX was reloaded, or refused. */
  onReload(report: ReloadReport): void
  /** NGINX ended, or runs again. */
  happened?(happening: Happening): void
  log(level: 'info' | 'warn' | 'error', message: string): void
}

export interface Controller {
  /** NGINX serves what it served before, if it did, until something newer is known (invariant 6). Before `begin`. */
  restore(): Promise<void>
  /** First pass; when it is over, NGINX serves what was read. While the source is not complete, nothing changes. */
  begin(): Promise<void>
  /** Something changed: reconcile soon. Calls while a pass runs are one more pass. */
  changed(): void
  health(): Health
  problems(): readonly Problem[]
  /** The latest that was made of what was read; undefined: nothing yet. What of it is live, the table says. */
  translation(): Translation | undefined
  reloads(): number
  /**
   * Health says from now on that the controller stops (SHD-1); passes go on. `tell`: clients on kept connections are told to
   * go, by a frame in which every connection ends with its next answer (RFC 9112, 9.6; RFC 9113, 6.8).
   */
  announceStop(connections: 'tell' | 'leave'): void
  /** No more passes; the snapshot is written. NGINX is not touched. */
  end(): Promise<void>
}

const WATCH_MILLISECONDS = 200
const ASK_MILLISECONDS = 2_000
const SAVE_MILLISECONDS = 2_000
/** What time alone changes: certificates come to their end (CERT-8), clocks are set. */
const LOOK_MILLISECONDS = 10_000
const LONGEST_PAUSE_MILLISECONDS = 5_000

/** The loop: gather, translate, plan, apply; and NGINX is started again when it dies. */
export function createController(parts: ControllerParts): Controller {
  const { source, applier, nginx, table, options, log } = parts
  const servedBy = createServed()
  const chainsToStaple = createStapledChains()
  let translation: Translation | undefined
  /** NGINX was brought to a first desired state. */
  let begun = false
  /** NGINX serves what it served before. */
  let restored = false
  /** The source should be complete and is not. */
  let late = false
  let ready = false
  let stopping = false
  let stopAnnounced = false
  let closing = false
  let wanted = false
  let pass: Promise<void> = Promise.resolve()
  let running = false
  let saving: Promise<void> = Promise.resolve()
  let problems: readonly Problem[] = []
  let reported: readonly (readonly Problem[])[] = []
  let pause = 0
  let isRetried = false
  let joined:
    | { readonly services: StreamServices; readonly passed: StreamServices; readonly both: StreamServices }
    | undefined
  let quicRefusal: string | undefined
  let withPorts:
    | { readonly from: FrameChoices; readonly ports: readonly StreamPort[]; readonly frame: FrameChoices }
    | undefined
  const timers: NodeJS.Timeout[] = []
  const pushMeanwhile = createBesideReload({
    applier,
    documents() {
      const { snapshot, complete } = source.current()
      const made = complete ? translated(snapshot) : undefined
      return made === undefined || unjudgedPatterns(made).length > 0 ? undefined : made.documents
    },
    log,
  })
  const watch = createNginxWatch({
    nginx,
    applier,
    say(level, text) {
      log(level, text)
      parts.happened?.({ kind: 'nginx', text, details: [] })
    },
  })

  function translated(snapshot: Snapshot): Translation {
    const { fallbackCertificate, patterns } = parts
    const surroundings = {
      fallbackCertificate,
      now: Date.now(),
      refusedProfiles: applier.refusedProfiles(),
      verdicts: patterns.verdicts(),
      staples: parts.stapler.answers(),
      quicRefusal,
      tried: applier.triedKeys(),
    }
    translation = translate(snapshot, options, surroundings, translation)
    return translation
  }

  /** Regular expressions are tried before they go to NGINX. Where that cannot be done they go untried, which is said. */
  async function judged(snapshot: Snapshot): Promise<Translation> {
    const made = translated(snapshot)
    const unjudged = unjudgedPatterns(made)
    if (unjudged.length === 0) return made
    const failure = await parts.patterns.learn(unjudged)
    if (failure === undefined) return translated(snapshot)
    log('error', failure)
    retryLater()
    return made
  }

  /** The port for HTTP/3 may come to be free, or not to be. */
  async function withQuicPort(snapshot: Snapshot): Promise<Translation> {
    const made = await judged(snapshot)
    const refusal = made.settings.value.wantsHttp3 ? await parts.quicPort.judge(made.frame) : undefined
    if (refusal === quicRefusal) return made
    quicRefusal = refusal
    return judged(snapshot)
  }

  /** Frames are compared by identity before they are printed. */
  function frameFor(from: FrameChoices, ports: readonly StreamPort[]): FrameChoices {
    if (ports.length === 0) return from
    if (withPorts?.from !== from || withPorts.ports !== ports)
      withPorts = { from, ports, frame: { ...from, streamPorts: ports } }
    return withPorts.frame
  }

  /** The same while both are. */
  function streamsOf({ streams: { services }, passthrough: { passed } }: Translation): StreamServices {
    if (passed.size === 0) return services
    if (joined?.services !== services || joined.passed !== passed)
      joined = { services, passed, both: new Map([...services, ...passed]) }
    return joined.both
  }

  async function desire(
    snapshot: Snapshot,
  ): Promise<{ readonly desired: Desired; readonly made: Translation; readonly unopened: readonly Problem[] }> {
    const made = await withQuicPort(snapshot)
    const { usable, problems: unopened } = await parts.streamPorts.judge(made.streams.ports, made.frame)
    const chosen = frameFor(made.frame, usable)
    const closed = (frame: FrameChoices): FrameChoices => (closing ? { ...frame, keepAliveRequests: 1 } : frame)
    const frame = closed(chosen)
    parts.onFrame(frame)
    const desired: Desired = {
      documents: made.documents,
      profiles: made.profiles,
      printFrame(generation, profiles, without) {
        const used = without === undefined ? frame : closed({ ...frameWithout(made, without), streamPorts: usable })
        return parts.printFrame(used, generation, profiles)
      },
      keys: made.settings.value.frameTexts,
      files: [frame.sslDhParam, frame.sslTicketKey].flatMap((file) => file ?? []),
      streams: streamsOf(made),
    }
    return { desired, made, unopened }
  }

  async function reconcile(): Promise<void> {
    const { snapshot, problems: sourceProblems, complete } = source.current()
    if (!complete) {
      report([sourceProblems])
      return
    }
    const reloadsBefore = applier.reloads()
    const { applied, made, unopened } = await applyDesired()
    begun ||= nginx.pid() !== undefined
    report([sourceProblems, made.problems, unopened, parts.faults(), applied])
    if (unopened.length > 0 || quicRefusal !== undefined) retryLater()
    // What was refused with a problem of its own waits for its owner, and nothing waits for it.
    if (applied.every(({ code }) => code === 'table/document-too-large')) ready = true
    else retryLater()
    reportReload(applied, reloadsBefore)
    parts.stapler.follow(chainsToStaple(made))
    parts.onPass({ snapshot, served: servedBy(made), problems, live: applied.length === 0 }, made)
  }

  /** Where NGINX refuses profiles their Ingresses are closed (PRX-9), where it refuses keys of the ConfigMap others hold; the rest is applied at once. */
  async function applyDesired(): Promise<{
    readonly applied: readonly Problem[]
    readonly made: Translation
    readonly unopened: readonly Problem[]
  }> {
    for (;;) {
      const [profiles, { refused }] = [applier.refusedProfiles(), applier.triedKeys()]
      const { desired, made, unopened } = await desire(source.current().snapshot)
      // What came since this was translated has waited for nothing yet, and would wait for the frame.
      const onLoading = (): void => (wanted ? pushMeanwhile() : undefined)
      const isNginxOurs = begun && nginx.pid() !== undefined
      const applied = await (isNginxOurs ? applier.apply(desired, onLoading) : applier.begin(desired, onLoading))
      if (applier.refusedProfiles() === profiles && applier.triedKeys().refused === refused)
        return { applied, made, unopened }
    }
  }

  /** Most passes change no problem, and there may be thousands of them. */
  function report(lists: readonly (readonly Problem[])[]): void {
    const filled = lists.filter(({ length }) => length > 0)
    if (filled.length === reported.length && filled.every((list, at) => list === reported[at])) return
    reported = filled
    problems = filled.flat()
    parts.onProblems(problems)
  }

  function reportReload(applied: readonly Problem[], before: number): void {
    const refused = applied.find(({ code }) => code === 'frame/refused')
    if (refused !== undefined) parts.onReload({ ok: false, message: refused.message })
    else if (applier.reloads() > before) parts.onReload({ ok: true })
  }

  /** What could not be applied is tried again, at first soon, then less and less often. */
  function retryLater(): void {
    isRetried = true
    pause = Math.min(Math.max(pause * 2, 250), LONGEST_PAUSE_MILLISECONDS)
    const timer = setTimeout(changed, pause)
    timer.unref()
  }

  function changed(): void {
    if (stopping) return
    wanted = true
    if (running) {
      pushMeanwhile()
      return
    }
    running = true
    pass = work().finally(() => {
      running = false
    })
  }

  async function work(): Promise<void> {
    while (wanted && !stopping) {
      wanted = false
      try {
        isRetried = false
        await reconcile()
        if (!isRetried) pause = 0
      } catch (cause) {
        log('error', `a pass failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
        retryLater()
      }
    }
  }

  function watchNginx(): void {
    if (stopping || running || !(begun || restored)) return
    const what = watch.look(performance.now())
    if (what === undefined) return
    running = true
    pass = recover(what).finally(() => {
      running = false
      changed()
    })
  }

  async function recover(what: string): Promise<void> {
    const wasReady = ready
    ready = false
    try {
      if (await watch.recover(what, () => stopping)) ready = wasReady
    } catch (cause) {
      log('error', `NGINX could not be started: ${reasonOf(cause)}`)
    }
  }

  function describeHealth(): string {
    if (ready) return `revision ${table.revision()} is live`
    const reason = problems.at(-1)?.message ?? 'the first table is not live yet'
    return restored ? `NGINX serves what it served before. ${reason}` : reason
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
      sayUnsaved(cause)
    }
  }

  async function saveInPieces(): Promise<void> {
    await table.saveInPieces().catch(sayUnsaved)
  }

  function sayUnsaved(cause: unknown): void {
    log('warn', `the snapshot of the table could not be written: ${reasonOf(cause)}`)
  }

  return {
    async restore() {
      restored = await applier.restore()
    },
    async begin() {
      changed()
      await pass
      late = !begun
      every(WATCH_MILLISECONDS, watchNginx)
      every(ASK_MILLISECONDS, () => parts.pulse.beat())
      every(LOOK_MILLISECONDS, changed)
      every(SAVE_MILLISECONDS, () => {
        saving = saveInPieces()
        return running ? undefined : table.tidy(performance.now())
      })
    },
    changed,
    announceStop(connections) {
      stopAnnounced = true
      closing = connections === 'tell'
      if (closing) changed()
    },
    health: () => ({
      stopping: stopping || stopAnnounced,
      nginx: nginx.pid(),
      ready: ready || (restored && late),
      trouble: parts.pulse.trouble(),
      reason: describeHealth(),
    }),
    problems: () => problems,
    translation: () => translation,
    reloads: () => applier.reloads(),
    async end() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      await pass
      await saving
      save()
    },
  }
}
