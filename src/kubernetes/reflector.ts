import { createBackOff } from './back-off.js'
import type { CallFailure, KubernetesClient } from './client.js'
import { type Clock, systemClock } from './clock.js'
import { failureOfError } from './failure.js'
import { createKnownObjects, type ListUnderWay, type ObjectHandler } from './known-objects.js'
import { createLineSplitter } from './lines.js'
import { isMapping, metadataOf } from './raw-object.js'
import { causeOf, isExpired, type ReflectorState } from './reflector-state.js'
import { type Resource, resourcePath } from './resource.js'
import { wait } from './wait.js'
import { parseWatchEvent } from './watch-event.js'

/** What a reflector tells. During a new list the objects of before stay; what is gone is deleted when it is complete. */
export interface ReflectorHandler<T> extends ObjectHandler<T> {
  /** A list is complete: everything that exists has been set, and everything else deleted. Also after later lists. */
  onSynced(): void
  onState(state: ReflectorState): void
}

export interface ReflectorOptions<T> {
  readonly client: KubernetesClient
  readonly resource: Resource
  /** `metadata`: objects have nothing but their metadata. Default `whole`. */
  readonly content?: 'whole' | 'metadata'
  /** What is kept of an object; undefined: it is as good as absent. Items of lists lack apiVersion and kind. */
  readonly project: (raw: unknown) => T | undefined
  readonly handler: ReflectorHandler<T>
  readonly clock?: Clock
  /** From 0 to 1; default Math.random. */
  readonly random?: () => number
  readonly times?: Partial<ReflectorTimes>
}

export interface ReflectorTimes {
  /** How long a watch may be silent; the API server sends a bookmark about every minute. Default 90 s. */
  readonly stallMilliseconds: number
  /** The same before a streaming list is complete. Default 10 s. */
  readonly listStallMilliseconds: number
  /** When a watch is to end by itself: at a random time between these. Default 5 and 10 minutes. */
  readonly watchSeconds: readonly [from: number, to: number]
  /** First and longest wait after failures. Default 0.25 s and 10 s. */
  readonly backOffMilliseconds: readonly [first: number, most: number]
  /** A watch that lived so long was a success, whether or not it brought something. Default 10 s. */
  readonly healthyMilliseconds: number
}

export interface Reflector {
  start(): void
  /** Resolves when nothing is open any more; the handler is not called after that. */
  stop(): Promise<void>
  readonly state: ReflectorState
}

const usualTimes: ReflectorTimes = {
  stallMilliseconds: 90_000,
  listStallMilliseconds: 10_000,
  watchSeconds: [300, 600],
  backOffMilliseconds: [250, 10_000],
  healthyMilliseconds: 10_000,
}
const PAGE = 500
/** Longer waits than this are not what an API server asks for. */
const MOST_ASKED_SECONDS = 60
/** After so many failures in a row a watch is not resumed but begun anew, with a list. */
const FAILURES_UNTIL_LIST = 5

/** Lists and single objects have media types of their own (the Kubernetes API, "Metadata-only fetches"). */
const mediaTypes = {
  whole: { list: 'application/json', watch: 'application/json' },
  metadata: {
    list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  },
} as const

/** How a list or a watch ended. */
type End =
  | { readonly kind: 'listed' }
  /** In good order, or by our own timer. */
  | { readonly kind: 'closed' }
  /** The API server does not know streaming lists. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'failed'; readonly failure: CallFailure }

/**
 * Keeps the handler up to date with one kind of resource: a streaming list where the API server has it, else a list in
 * pages; then a watch that is resumed for ever. Whatever fails is told by `onState` and tried again.
 * Source: the Kubernetes API, "Efficient detection of changes"; the streaming list is KEP-3157.
 */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector {
  const { client, resource, content = 'whole', handler, clock = systemClock, random = Math.random } = options
  const times = { ...usualTimes, ...options.times }
  const path = resourcePath(resource)
  const known = createKnownObjects(options.project, handler)
  const backOff = createBackOff(...times.backOffMilliseconds, random)
  const control = new AbortController()
  const { signal } = control
  let state: ReflectorState = { kind: 'listing', since: clock.wall() }
  let running: Promise<void> = Promise.resolve()
  /** Where a watch goes on; undefined: a list is needed. */
  let version: string | undefined
  let streaming = true
  /** Pages expired while they were read; the next list is in one piece. */
  let inOnePiece = false

  const setState = (next: ReflectorState): void => {
    state = next
    try {
      handler.onState(next)
    } catch (cause) {
      handler.onFault(`telling the state of ${path}: ${String(cause)}`)
    }
  }
  const enter = (kind: 'listing' | 'watching' | 'stopped'): void => {
    if (state.kind !== kind) setState({ kind, since: clock.wall() })
  }
  const fail = (failure: CallFailure): void => {
    const { since, at } = state.kind === 'failing' ? state : { since: clock.wall(), at: clock.now() }
    setState({ kind: 'failing', since, at, cause: causeOf(failure, resource) })
  }

  const synced = (list: ListUnderWay, at: string): void => {
    known.finish(list)
    version = at
    try {
      handler.onSynced()
    } catch (cause) {
      handler.onFault(`after a list of ${path}: ${String(cause)}`)
    }
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      if (version === undefined && state.kind === 'watching') enter('listing')
      const end = version !== undefined || streaming ? await follow() : await listPages()
      if (signal.aborted) break
      await wait(clock, waitAfter(end), signal)
    }
  }

  const waitAfter = (end: End): number => {
    switch (end.kind) {
      case 'listed':
        return 0
      case 'unsupported':
        streaming = false
        return 0
      case 'closed':
        return backOff.nextAfterEnd()
      case 'failed': {
        const { failure } = end
        fail(failure)
        if (isExpired(failure)) {
          version = undefined
          return backOff.nextAfterEnd()
        }
        const asked = Math.min(failure.retryAfterSeconds ?? 0, MOST_ASKED_SECONDS) * 1000
        const milliseconds = Math.max(backOff.next(), asked)
        if (backOff.count % FAILURES_UNTIL_LIST === 0) version = undefined
        return milliseconds
      }
    }
  }

  const selectors = {
    ...(resource.fieldSelector === undefined ? {} : { fieldSelector: resource.fieldSelector }),
    ...(resource.labelSelector === undefined ? {} : { labelSelector: resource.labelSelector }),
  }
  const common = { path, signal }
  const accept = mediaTypes[content]

  /** A watch from `version`, or one that begins with a streaming list. */
  const follow = async (): Promise<End> => {
    let list: ListUnderWay | undefined = version === undefined ? new Set() : undefined
    const startedAt = clock.now()
    const stream = await client.stream({
      ...common,
      accept: accept.watch,
      query: { ...selectors, ...watchQuery(version) },
    })
    if (!stream.ok) return list !== undefined && isUnsupported(stream) ? { kind: 'unsupported' } : failed(stream)
    if (list === undefined) enter('watching')
    const stall = createStallTimer(clock, () => stream.cancel())
    const lines = createLineSplitter()
    stall.within(list === undefined ? times.stallMilliseconds : times.listStallMilliseconds)

    /** What ends the watch, or undefined. */
    const take = (line: string): End | undefined => {
      const event = parseWatchEvent(line)
      if (event.kind === 'error') return failed(event.failure)
      if (event.kind === 'unknown') return undefined
      if (event.kind === 'set') known.set(event.object, list)
      if (event.kind === 'deleted') known.delete(event.object, list)
      if (list === undefined) {
        version = event.kind === 'bookmark' ? event.version : (versionOf(event.object) ?? version)
        backOff.reset()
      } else if (event.kind === 'bookmark' && event.initialEnd) {
        synced(list, event.version)
        list = undefined
        enter('watching')
      }
      return undefined
    }

    try {
      for await (const chunk of stream.chunks) {
        // A chunk may have been waiting when the reflector was stopped.
        if (signal.aborted) return { kind: 'closed' }
        for (const line of lines.push(chunk)) {
          const end = take(line)
          if (end !== undefined) return end
        }
        stall.within(list === undefined ? times.stallMilliseconds : times.listStallMilliseconds)
      }
    } catch (cause) {
      if (!stall.fired()) return failed(failureOfError(cause))
    } finally {
      stall.stop()
      stream.cancel()
      if (clock.now() - startedAt >= times.healthyMilliseconds && list === undefined) backOff.reset()
    }
    // An API server that does not know streaming lists shows its objects, and goes on without ever saying that they end.
    if (list !== undefined) return stall.fired() ? { kind: 'unsupported' } : failed(halfList)
    return { kind: 'closed' }
  }

  const listPages = async (): Promise<End> => {
    const list: ListUnderWay = new Set()
    let next = ''
    for (;;) {
      const limit = inOnePiece ? {} : { limit: String(PAGE) }
      const query = { ...selectors, ...limit, ...(next === '' ? {} : { continue: next }) }
      const page = await client.call({ ...common, accept: accept.list, method: 'GET', query })
      if (signal.aborted) return { kind: 'closed' }
      if (!page.ok) {
        inOnePiece = next !== '' && isExpired(page)
        return failed(page)
      }
      const found = readPage(page.body)
      if (found === undefined) return failed(noList)
      for (const item of found.items) known.set(item, list)
      next = found.rest
      if (next !== '') continue
      inOnePiece = false
      synced(list, found.version)
      return { kind: 'listed' }
    }
  }

  const watchQuery = (from: string | undefined): Record<string, string> => {
    const [least, most] = times.watchSeconds
    const seconds = Math.round(least + random() * (most - least))
    const start =
      from === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: from }
    return { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds), ...start }
  }

  return {
    start() {
      running = run()
    },
    async stop() {
      control.abort()
      await running
      enter('stopped')
    },
    get state() {
      return state
    },
  }
}

const noList: CallFailure = { ok: false, status: 0, reason: '', message: 'the answer is no list of objects' }
const halfList: CallFailure = { ok: false, status: 0, reason: '', message: 'a streaming list ended half way' }

function failed(failure: CallFailure): End {
  return { kind: 'failed', failure }
}

/** How API servers answer a streaming list when they have the feature switched off. */
function isUnsupported({ status }: CallFailure): boolean {
  return status === 400 || status === 422
}

function versionOf(object: unknown): string | undefined {
  const version = metadataOf(object)?.['resourceVersion']
  return typeof version === 'string' ? version : undefined
}

interface Page {
  readonly items: readonly unknown[]
  readonly version: string
  /** Where the next page begins; '' after the last. */
  readonly rest: string
}

/** undefined: no list. Something else must not be taken for an empty one. */
function readPage(body: unknown): Page | undefined {
  const version = versionOf(body) ?? ''
  if (!isMapping(body) || typeof body['kind'] !== 'string' || !body['kind'].endsWith('List') || version === '')
    return undefined
  const { items } = body
  const next = metadataOf(body)?.['continue']
  return {
    // An empty list may be null.
    items: Array.isArray(items) ? (items as readonly unknown[]) : [], // narrows any[] to unknown[]
    version,
    rest: typeof next === 'string' ? next : '',
  }
}

interface StallTimer {
  /** Fires when it is not called again within so many milliseconds. */
  within(milliseconds: number): void
  fired(): boolean
  stop(): void
}

function createStallTimer(clock: Clock, action: () => void): StallTimer {
  let cancel = (): void => undefined
  let fired = false
  return {
    within(milliseconds) {
      cancel()
      cancel = clock.after(milliseconds, () => {
        fired = true
        action()
      })
    },
    fired: () => fired,
    stop: () => cancel(),
  }
}
