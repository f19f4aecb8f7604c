import { existsSync, readFileSync } from 'node:fs'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Document } from '../model/documents.js'
import type { Profile } from '../nginx/profile.js'
import type { FrameFile } from '../model/frame-settings.js'
import type { StreamServices } from '../model/streams.js'
import type { TriedKeys } from '../model/tried-keys.js'
import { admitDocument } from '../plan/interim.js'
import type { Admit } from '../plan/plan.js'
import type { Problem } from '../problems/problem.js'
import { createBlame } from './blame.js'
import { documentsThatFit, isTooLarge, refusalsOf } from './document-size.js'
import type { ControlClient } from './control-client.js'
import { describeFrameChange, frameChangeSentence, type Happening } from './frame-change.js'
import { createFailedFrame } from './failed-frame.js'
import { createFrameFile } from './frame-file.js'
import { readFrameRecord, writeFrameRecord } from './frame-record.js'
import { createFrameWait } from './frame-wait.js'
import type { Done, NginxProcess } from './nginx-process.js'
import { damagedSnapshot, ownProblem } from './own-problems.js'
import { reasonOf, type StateFolder } from './state-folder.js'
import { createReloadCount, type ReloadCount, type ReloadReason } from './reload-count.js'
import { removeOtherFiles } from './profile-files.js'
import type { TableWriter } from './table-writer.js'

/** What NGINX shall do: its table, and its frame as a function of the frame's number and of what it has. */
export interface Desired {
  readonly documents: SortedMap<Document>
  readonly profiles: readonly Profile[]
  /** `withoutKeys` names keys of the ConfigMap as if they were not in it; absent: it has all. */
  printFrame(generation: number, profiles: readonly Profile[], withoutKeys?: ReadonlySet<string>): string
  /** Texts of the keys of the ConfigMap that the frame depends on, by name; absent: none. */
  readonly keys?: ReadonlyMap<string, string>
  /** What the frame names, besides the files of profiles; absent: nothing. */
  readonly files?: readonly FrameFile[]
  /** What `withStreams` brings along; absent: nothing. */
  readonly streams?: StreamServices
}

export interface Applier {
  /** Takes over an NGINX that runs in the state folder, or starts one; it serves `desired` when this is done. */
  begin(desired: Desired, onLoading?: () => void): Promise<readonly Problem[]>
  /**
   * Brings the running NGINX to `desired`; problems say what could not be done, and then the last good state stays.
   * `onLoading` is called when that comes to wait for a frame: from then on `pushMeanwhile` does something.
   */
  apply(desired: Desired, onLoading?: () => void): Promise<readonly Problem[]>
  /**
   * While `apply` waits for a frame: brings the table to these documents at once, since who may come in must not wait
   * for what somebody else changed of the frame. Does nothing at other times, when the next `apply` does it.
   */
  pushMeanwhile(documents: SortedMap<Document>): Promise<void>
  isReloading(): boolean
  /**
   * Has NGINX serve what it served before, where that is still there: it runs, or can start with the last frame and
   * snapshot of this code. Nothing is changed; `begin` goes on from there.
   */
  restore(): Promise<boolean>
  /** Starts NGINX again after it died, with the last table. */
  revive(): Promise<readonly Problem[]>
  reloads(): number
  reloadCount(): Pick<ReloadCount, 'byReason' | 'last'>
  /**
   * Names of profiles that NGINX refused, with its reason; what is not live because of them waits for others in their
   * place.
   */
  refusedProfiles(): ReadonlyMap<string, string>
  /** Texts of the ConfigMap that NGINX refused, and those it took; a frame is live when it is made without the former. */
  triedKeys(): TriedKeys
}

export interface ApplierParts {
  readonly folder: StateFolder
  readonly nginx: NginxProcess
  readonly client: ControlClient
  readonly table: TableWriter
  readonly format: string
  log(level: 'info' | 'warn' | 'error', message: string): void
  /** After each push, and each reload that was made or refused. */
  happened?(happening: Happening): void
}

const NO_KEYS: ReadonlyMap<string, string> = new Map()

/** Old workers read the old documents until the last of them has ended; worker-shutdown-timeout is 240 s by default. */
const LONGEST_DRAIN_MILLISECONDS = 250_000

export function createApplier(parts: ApplierParts): Applier {
  const { folder, nginx, client, table, format, log } = parts
  let generation = 0
  /** Of frames that were tried: those whose workers did not start have numbers too. */
  let newest = 0
  let frame = ''
  const reloads = createReloadCount()
  const frameFile = createFrameFile(folder, nginx)
  /** Profiles that every worker has which may still get requests; of those that are loaded. */
  let readyProfiles: ReadonlySet<string> = new Set()
  /** While a frame is tried and loaded: its profiles. What is pushed meanwhile is good for it and for the one before. */
  let loading: ReadonlySet<string> | undefined
  /** Those of the running frame. What is not wanted any more stays until the next reload. */
  let loaded: readonly Profile[] = []
  /** From which frame on each of them has been there without a break. */
  let loadedSince: ReadonlyMap<string, number> = new Map()
  const blame = createBlame(frameFile)
  const wait = createFrameWait(client, nginx, folder, format)
  const failedFrame = createFailedFrame()
  let latest: Desired | undefined
  let pushing: Promise<unknown> = Promise.resolve()

  async function pushTable(desired: Desired): Promise<readonly Problem[]> {
    const tooLarge = new Set<Document>()
    const isReady = (profile: string): boolean => readyProfiles.has(profile) && loading?.has(profile) !== false
    const admit: Admit = (key, document) => {
      if (!isTooLarge(document)) return admitDocument(document, table.running(key)?.content, isReady)
      tooLarge.add(document)
      return undefined
    }
    const answer = await table.push(desired.documents, admit)
    if (answer.ok) {
      const { puts, drops, bytes, names } = answer.value
      if (puts + drops > 0) {
        const what = `revision ${table.revision()} is live`
        log('info', `table: ${puts} documents put, ${drops} dropped, ${bytes} bytes; ${what}`)
        const text = `${what}: ${puts} put, ${drops} dropped, ${bytes} bytes`
        parts.happened?.({ kind: 'push', text, details: names })
      }
      return tooLarge.size === 0 ? [] : refusalsOf(desired.documents, tooLarge)
    }
    if (answer.full) {
      const message = `The shared memory for routes and certificates is full, so the last change is not live. Raise --table-size. (${answer.cause})`
      return [ownProblem('table/full', message)]
    }
    await resync()
    return [ownProblem('table/not-pushed', `NGINX did not take the change (${answer.cause}); it will be tried again.`)]
  }

  /** Learns anew what the running NGINX has, after a push that may have been taken in part. */
  async function resync(): Promise<void> {
    const [status, pointers, stale] = [await client.status(), await client.table(), await client.stale()]
    if (status.ok && pointers.ok && stale.ok) table.assume(pointers.value, status.value.revision, stale.value)
  }

  /** Pushes are made one after another: one that waited for profiles may come between those of passes. */
  function pushInTurn(desired: Desired): Promise<readonly Problem[]> {
    latest = desired
    const push = pushing.then(() => pushTable(desired))
    pushing = push.catch(() => undefined)
    return push
  }

  /** Writes, tests and loads a frame; on failure the file that runs is back in place. */
  async function reload(desired: Desired, profiles: readonly Profile[], reason: ReloadReason): Promise<Done> {
    const same = desired.printFrame(0, profiles)
    const failed = failedFrame.recall(same, performance.now())
    if (failed !== undefined) return failed
    const next = (newest = Math.max(newest, generation) + 1)
    const text = desired.printFrame(next, profiles)
    const change = describeFrameChange(frame, desired.printFrame(generation, loaded), loaded, profiles)
    const written = await frameFile.write(text, profiles, desired.files)
    if (!written.ok) {
      parts.happened?.({ kind: 'refused', text: `NGINX was not reloaded: ${written.cause}`, details: change.details })
      await findRefused(desired, next)
      return written
    }
    try {
      table.save()
    } catch (cause) {
      frameFile.putBack(frame)
      throw cause
    }
    nginx.signal('SIGHUP')
    const up = await wait.forWorkers(next)
    if (!up.ok) {
      frameFile.putBack(frame)
      if (nginx.pid() === undefined) return up
      failedFrame.remember(same, up, performance.now())
      parts.happened?.({ kind: 'refused', text: `NGINX goes back: ${up.cause}`, details: change.details })
      // The workers before have been told to finish by now; they are started anew with what they had.
      nginx.signal('SIGHUP')
      return up
    }
    reloads.note(reason)
    log('info', `reload: frame ${next} is up`)
    parts.happened?.({ kind: 'reload', text: frameChangeSentence(next, change), details: change.details })
    accept(next, text, profiles, desired)
    void admitProfiles(next)
    return { ok: true }
  }

  /** New profiles may be named once no worker of an older frame answers new requests (make before break). */
  async function admitProfiles(of: number): Promise<void> {
    if (loaded.every(({ name }) => readyProfiles.has(name))) return
    await wait.forDrain(of)
    const admitted = [...loadedSince].filter(([name, since]) => since <= of && !readyProfiles.has(name))
    if (admitted.length === 0 || latest === undefined) return
    readyProfiles = new Set([...readyProfiles, ...admitted.map(([name]) => name)])
    recordFrame()
    await pushInTurn(latest)
  }

  /** Which new profiles, or which keys of the ConfigMap, NGINX refuses. */
  function findRefused(desired: Desired, number: number): Promise<void> {
    const { profiles, keys = NO_KEYS, files = [] } = desired
    const print = (some: readonly Profile[], without: ReadonlySet<string>): string =>
      desired.printFrame(number, some, without)
    return blame.find({ profiles, keys, files, print }, loaded)
  }

  /** With those that documents still name which wait for a profile, or could not be pushed. */
  function profilesFor(desired: Desired, isPushed: boolean): readonly Profile[] {
    if (isPushed && !table.holdsBack()) return desired.profiles
    const wanted = new Set(desired.profiles.map(({ name }) => name))
    const left = loaded.filter(({ name }) => !wanted.has(name))
    return [...desired.profiles, ...left].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  function accept(
    number: number,
    text: string,
    profiles: readonly Profile[],
    { files = [], keys = NO_KEYS }: Desired,
  ): void {
    generation = number
    frame = text
    load(profiles, number)
    blame.accept(keys)
    recordFrame()
    removeOtherFiles(folder, profiles, files)
  }

  function load(profiles: readonly Profile[], since: number): void {
    loadedSince = new Map(profiles.map(({ name }) => [name, loadedSince.get(name) ?? since]))
    // One that comes back later is not there without a break.
    readyProfiles = new Set([...readyProfiles].filter((name) => loadedSince.has(name)))
    loaded = profiles
  }

  function recordFrame(): void {
    const keys = [...blame.tried().taken]
    const record = { generation, format, profiles: loaded, ready: [...readyProfiles], keys }
    const failure = writeFrameRecord(folder.frameRecord, record)
    if (failure !== undefined) log('warn', `which frame runs could not be written down: ${failure}`)
  }

  async function start(desired: Desired, number: number): Promise<Done> {
    readyProfiles = new Set(desired.profiles.map(({ name }) => name))
    table.begin(documentsThatFit(desired.documents))
    try {
      table.save()
    } catch (cause) {
      return { ok: false, code: 'frame/not-written', cause: reasonOf(cause) }
    }
    const text = desired.printFrame(number, desired.profiles)
    const written = await frameFile.write(text, desired.profiles, desired.files)
    if (!written.ok) {
      await findRefused(desired, number)
      return written
    }
    const started = nginx.start()
    if (!started.ok) return started
    const up = await wait.forWorkers(number)
    if (!up.ok) {
      // A master without workers is of no use, and the next attempt may be another frame.
      nginx.signal('SIGTERM')
      await nginx.waitForEnd(5_000)
      frameFile.putBack(frame)
      return up
    }
    latest = desired
    accept(number, text, desired.profiles, desired)
    return checkTable()
  }

  /** NGINX began with a snapshot; whether all of it fitted into its shared memory. */
  async function checkTable(): Promise<Done> {
    const status = await client.status()
    if (!status.ok) return { ok: false, cause: status.cause }
    if (status.value.revision === table.revision()) return { ok: true }
    const cause =
      'The routes and certificates do not fit into the shared memory of the table. Raise --table-size and start again.'
    await resync()
    return { ok: false, code: 'table/full', cause }
  }

  /** NGINX runs already: what it has is asked, and only the difference changes. */
  async function adopt(desired: Desired, onLoading?: () => void): Promise<readonly Problem[] | undefined> {
    const record = readFrameRecord(folder.frameRecord)
    const status = await client.status()
    if (record === undefined || !status.ok || !existsSync(folder.frame)) return undefined
    generation = record.generation
    frame = readFileSync(folder.frame, 'utf8')
    newest = Math.max(record.generation, ...status.value.workers.map((worker) => worker.generation))
    load(record.profiles, record.generation)
    // A controller that was killed while it loaded a frame has not written that down.
    readyProfiles = new Set(newest === record.generation ? record.ready : [])
    if (status.value.format === format) {
      const [pointers, stale] = [await client.table(), await client.stale()]
      if (!pointers.ok || !stale.ok) return undefined
      table.assume(pointers.value, status.value.revision, stale.value)
      void admitProfiles(generation)
      log(
        'info',
        `adopted the running NGINX (process ${nginx.pid() ?? 0}, frame ${generation}, revision ${status.value.revision})`,
      )
      const damaged = status.value.origin === 'damaged snapshot' ? [damagedSnapshot()] : []
      return [...damaged, ...(await applyTo(desired, onLoading))]
    }
    // Other code: the new workers load their own documents, under keys of their own, from the snapshot.
    log('info', `adopting the running NGINX (process ${nginx.pid() ?? 0}) with new code: all documents go out anew`)
    readyProfiles = new Set(desired.profiles.map(({ name }) => name))
    table.begin(documentsThatFit(desired.documents))
    latest = desired
    const done = await reload(desired, desired.profiles, 'code')
    if (!done.ok) return [ownProblem(done.code ?? 'frame/refused', done.cause)]
    void wait.forDrain(generation, LONGEST_DRAIN_MILLISECONDS).then(() => client.purge())
    const complete = await checkTable()
    return complete.ok ? refusalsOf(desired.documents) : [ownProblem(complete.code ?? 'frame/refused', complete.cause)]
  }

  async function applyTo(desired: Desired, onLoading?: () => void): Promise<readonly Problem[]> {
    blame.reconsider(performance.now())
    const problems = await pushInTurn(desired)
    const has = new Set(loaded.map(({ name }) => name))
    const isMissing = desired.profiles.some(({ name }) => !has.has(name))
    if (!isMissing && desired.printFrame(generation, loaded) === frame) return problems
    const reason = isMissing ? 'profiles' : 'settings'
    const profiles = profilesFor(desired, problems.length === 0)
    loading = new Set(profiles.map(({ name }) => name))
    onLoading?.()
    const done = await reload(desired, profiles, reason).finally(() => {
      loading = undefined
    })
    if (done.ok) return problems
    return [...problems, ownProblem(done.code ?? 'frame/refused', `NGINX keeps its configuration: ${done.cause}`)]
  }

  return {
    reloads: () => reloads.total(),
    reloadCount: () => reloads,
    refusedProfiles: () => blame.refusedProfiles(),
    triedKeys: () => blame.tried(),
    async begin(desired, onLoading) {
      const record = readFrameRecord(folder.frameRecord)
      if (record !== undefined) blame.accept(new Map(record.keys))
      if (nginx.pid() !== undefined) {
        const adopted = await adopt(desired, onLoading)
        if (adopted !== undefined) return adopted
        log('warn', 'an NGINX runs in the state folder that does not answer; it is replaced')
        nginx.signal('SIGQUIT')
        if (!(await nginx.waitForEnd(10_000))) nginx.signal('SIGTERM')
        await nginx.waitForEnd(5_000)
      }
      newest = Math.max(newest, record?.generation ?? 0) + 1
      const done = await start(desired, newest)
      return done.ok ? refusalsOf(desired.documents) : [ownProblem(done.code ?? 'frame/refused', done.cause)]
    },
    apply: applyTo,
    isReloading: () => loading !== undefined,
    async pushMeanwhile(documents) {
      if (loading !== undefined && latest !== undefined) await pushInTurn({ ...latest, documents })
    },
    async restore() {
      if (nginx.pid() !== undefined) return true
      const record = readFrameRecord(folder.frameRecord)
      if (record?.format !== format || !existsSync(folder.frame) || !existsSync(folder.snapshot)) return false
      const tested = await nginx.test(folder.frame)
      const started = tested.ok ? nginx.start() : tested
      const up = started.ok ? await wait.forWorkers(record.generation) : started
      if (up.ok) {
        generation = record.generation
        log('info', `NGINX serves what it served before (frame ${generation}) until more is known`)
      } else log('warn', `NGINX could not be started with what it served before: ${up.cause}`)
      return up.ok
    },
    async revive() {
      try {
        // Before a first state there is nothing in the table, and the snapshot has more.
        if (frame !== '') table.save()
      } catch (cause) {
        log('warn', `the snapshot could not be written: ${reasonOf(cause)}`)
      }
      frameFile.putBack(frame)
      const started = nginx.start()
      const up = started.ok ? await wait.forWorkers() : started
      if (!up.ok) return [ownProblem('frame/refused', up.cause)]
      readyProfiles = new Set(loaded.map(({ name }) => name))
      await resync()
      return []
    },
  }
}
