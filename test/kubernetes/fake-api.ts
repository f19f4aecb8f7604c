import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, statusBody } from './server.js'

/** An object as the fake API server keeps it. */
export interface FakeObject {
  readonly metadata: FakeMetadata
  readonly [field: string]: unknown
}
export interface FakeMetadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export interface FakeRequest {
  readonly kind: 'get' | 'list' | 'watch' | 'streaming-list'
  readonly plural: string
  /** '' for all. */
  readonly namespace: string
  readonly name: string
  readonly query: URLSearchParams
  readonly accept: string
  readonly authorization: string
}

/** What goes wrong with a request. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly reason?: string; readonly headers?: object }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' }
  /** No answer, ever. */
  | { readonly kind: 'no-answer' }
  /** An answer that is no list and no watch. */
  | { readonly kind: 'nonsense' }
  /** A watch that ends after some events, in one of several ways; `silent`: it goes on, but nothing is written. */
  | { readonly kind: 'watch-ends'; readonly after: number; readonly how: 'end' | 'reset' | 'half-line' | 'silent' }
  /** An ERROR event after some events. */
  | {
      readonly kind: 'error-event'
      readonly after: number
      readonly code: number
      readonly reason: string
      readonly afterwards: 'end' | 'stay'
    }

interface Change {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly plural: string
  readonly object: FakeObject
}

interface Watcher {
  readonly request: FakeRequest
  deliver(change: Change): void
  bookmark(): void
  end(): void
}

const kinds: Readonly<Record<string, string>> = {
  ingresses: 'Ingress',
  ingressclasses: 'IngressClass',
  services: 'Service',
  endpointslices: 'EndpointSlice',
  secrets: 'Secret',
  configmaps: 'ConfigMap',
  namespaces: 'Namespace',
}

/**
 * An API server that keeps objects with their history, and misbehaves as `fault` says. It knows lists in pages, watches
 * with bookmarks, streaming lists (unless switched off), compaction, selectors, metadata-only answers and single objects.
 */
export class FakeApi {
  readonly requests: FakeRequest[] = []
  /** `refused`: 422 as newer servers with the feature off; `ignored`: as servers that never heard of it. */
  streaming: 'on' | 'refused' | 'ignored' = 'on'
  /** How a chunk of a watch is cut on its way; 0: not at all. */
  chunkBytes = 0
  /** Lists have pages of at most so many objects, whatever was asked for. */
  pageLimit = 500
  fault: (request: FakeRequest) => Fault | undefined = () => undefined
  readonly #objects = new Map<string, { readonly plural: string; readonly object: FakeObject }>()
  readonly #history: Change[] = []
  readonly #watchers = new Set<Watcher>()
  readonly #continuations = new Map<string, { readonly rest: readonly FakeObject[]; readonly version: number }>()
  #version = 100
  #compacted = 0

  set(plural: string, object: FakeObject): FakeObject {
    const key = keyOf(plural, object.metadata)
    const version = ++this.#version
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED'
    this.#objects.set(key, { plural, object: stored })
    this.#publish({ version, type, plural, object: stored })
    return stored
  }

  delete(plural: string, name: string, namespace = ''): void {
    const key = keyOf(plural, { name, namespace })
    const found = this.#objects.get(key)
    if (found === undefined) return
    this.#objects.delete(key)
    const version = ++this.#version
    const { metadata } = found.object
    const object = { ...found.object, metadata: { ...metadata, resourceVersion: String(version) } }
    this.#publish({ version, type: 'DELETED', plural, object })
  }

  list(plural: string): readonly FakeObject[] {
    return [...this.#objects.values()].filter((entry) => entry.plural === plural).map(({ object }) => object)
  }

  get watchers(): number {
    return this.#watchers.size
  }

  openWatches(which: (request: FakeRequest) => boolean): number {
    return [...this.#watchers].filter(({ request }) => which(request)).length
  }

  /** Watches from versions before this moment, and pages under way, are answered with 410. */
  compact(): void {
    this.#compacted = this.#version
    this.#continuations.clear()
  }

  bookmark(): void {
    for (const watcher of this.#watchers) watcher.bookmark()
  }

  /** Ends every watch in good order, as timeoutSeconds does. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.end()
  }

  readonly handler = (incoming: IncomingMessage, response: ServerResponse): void => {
    const request = parseRequest(incoming)
    if (request === undefined) return answer(response, 404, statusBody(404, 'NotFound', 'no such path'))
    this.requests.push(request)
    const fault = this.fault(request)
    if (fault?.kind === 'status') {
      const { status, reason = '', headers = {} } = fault
      return answer(response, status, statusBody(status, reason, `the test says ${status}`), headers)
    }
    if (fault?.kind === 'reset') {
      incoming.socket.destroy()
      return
    }
    if (fault?.kind === 'no-answer') return
    if (fault?.kind === 'nonsense') return answer(response, 200, { hello: 'world' })
    if (request.kind === 'get') return this.#get(request, response)
    if (request.kind === 'list') return this.#list(request, response)
    this.#watch(request, response, fault)
  }

  #publish(change: Change): void {
    this.#history.push(change)
    for (const watcher of this.#watchers) watcher.deliver(change)
  }

  #get(request: FakeRequest, response: ServerResponse): void {
    const found = this.#objects.get(keyOf(request.plural, request))
    if (found === undefined) return answer(response, 404, statusBody(404, 'NotFound', `${request.name} not found`))
    answer(response, 200, typed(request, found.object))
  }

  #list(request: FakeRequest, response: ServerResponse): void {
    const token = request.query.get('continue')
    const page = token === null ? undefined : this.#continuations.get(token)
    if (token !== null && page === undefined)
      return answer(response, 410, statusBody(410, 'Expired', 'the continue token is too old'))
    const version = page?.version ?? this.#version
    const all = page?.rest ?? this.#matching(request)
    const asked = Number(request.query.get('limit') ?? 0)
    const limit = asked === 0 ? all.length : Math.min(asked, this.pageLimit)
    const rest = all.slice(limit)
    const next = rest.length === 0 ? '' : `page-${version}-${rest.length}-${this.#continuations.size}`
    if (next !== '') this.#continuations.set(next, { rest, version })
    const partial = request.accept.includes('PartialObjectMetadata')
    answer(response, 200, {
      kind: partial ? 'PartialObjectMetadataList' : `${kinds[request.plural] ?? ''}List`,
      apiVersion: partial ? 'meta.k8s.io/v1' : 'v1',
      metadata: { resourceVersion: String(version), ...(next === '' ? {} : { continue: next }) },
      // Items of lists do not say their kind.
      items: all.slice(0, limit).map((object) => (partial ? { metadata: object.metadata } : object)),
    })
  }

  #watch(request: FakeRequest, response: ServerResponse, fault: Fault | undefined): void {
    const from = Number(request.query.get('resourceVersion') ?? 0)
    if (request.kind === 'streaming-list' && this.streaming === 'refused')
      return answer(response, 422, statusBody(422, 'Invalid', 'sendInitialEvents is forbidden'))
    if (request.kind === 'watch' && from < this.#compacted)
      return answer(response, 410, statusBody(410, 'Expired', `too old resource version: ${from}`))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const writer = this.#createWriter(request, response, fault)
    if (request.kind === 'streaming-list') {
      for (const object of this.#matching(request)) writer.write('ADDED', typed(request, object))
      if (this.streaming === 'on') writer.write('BOOKMARK', bookmarkOf(request, this.#version, true))
    } else for (const change of this.#history) if (change.version > from) writer.deliver(change)
    this.#watchers.add(writer)
    response.on('close', () => this.#watchers.delete(writer))
  }

  #createWriter(
    request: FakeRequest,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Watcher & { write(type: string, object: object): void } {
    let left = fault?.kind === 'watch-ends' || fault?.kind === 'error-event' ? fault.after : Number.POSITIVE_INFINITY
    let over = false
    const send = (line: string): void => {
      const bytes = Buffer.from(line)
      const size = this.chunkBytes === 0 ? bytes.length : this.chunkBytes
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size))
    }
    const spoil = (line: string): void => {
      over = true
      if (fault?.kind === 'error-event') {
        send(`${JSON.stringify({ type: 'ERROR', object: statusBody(fault.code, fault.reason, 'the test says so') })}\n`)
        if (fault.afterwards === 'end') response.end()
      } else if (fault?.kind === 'watch-ends') {
        if (fault.how === 'half-line') send(line.slice(0, line.length / 2))
        if (fault.how === 'half-line' || fault.how === 'end') response.end()
        if (fault.how === 'reset') response.socket?.destroy()
      }
    }
    const write = (type: string, object: object): void => {
      if (over) return
      const line = `${JSON.stringify({ type, object })}\n`
      if (left <= 0) return spoil(line)
      left -= 1
      send(line)
    }
    if (left <= 0) spoil('')
    const watcher = {
      request,
      write,
      deliver: (change: Change): void => {
        if (matches(request, change)) write(change.type, typed(request, change.object))
      },
      bookmark: () => write('BOOKMARK', bookmarkOf(request, this.#version, false)),
      end: (): void => {
        response.end()
        this.#watchers.delete(watcher)
      },
    }
    return watcher
  }

  #matching(request: FakeRequest): readonly FakeObject[] {
    return this.list(request.plural).filter((object) => isSelected(request, object))
  }
}

function keyOf(plural: string, { namespace = '', name }: { readonly namespace?: string; readonly name: string }) {
  return `${plural}/${namespace}/${name}`
}

function parseRequest(incoming: IncomingMessage): FakeRequest | undefined {
  const url = new URL(incoming.url ?? '/', 'http://x')
  const path = /^\/(?:api\/v1|apis\/[^/]+\/v1)(?:\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
    url.pathname,
  )
  if (path === null) return undefined
  const [, namespace = '', plural = 'namespaces', name = ''] = path
  // `/api/v1/namespaces/x` is the namespace itself.
  const own = path[2] === undefined && namespace !== ''
  const query = url.searchParams
  const watching = query.get('watch') === 'true'
  const streaming = query.get('sendInitialEvents') === 'true'
  const { accept = '', authorization = '' } = incoming.headers
  return {
    kind: name !== '' || own ? 'get' : watching ? (streaming ? 'streaming-list' : 'watch') : 'list',
    plural,
    namespace: own ? '' : namespace,
    name: own ? namespace : name,
    query,
    accept,
    authorization,
  }
}

function matches(request: FakeRequest, change: Change): boolean {
  return request.plural === change.plural && isSelected(request, change.object)
}

/** Knows the selectors that Fairlead uses. */
function isSelected({ namespace, query }: FakeRequest, object: FakeObject): boolean {
  const { metadata } = object
  if (namespace !== '' && metadata.namespace !== namespace) return false
  const fields = (query.get('fieldSelector') ?? '').split(',').filter((text) => text !== '')
  const labels = (query.get('labelSelector') ?? '').split(',').filter((text) => text !== '')
  const field = (name: string): unknown => (name === 'metadata.name' ? metadata.name : object[name])
  return (
    fields.every((text) => compare(text, (name) => field(name))) &&
    labels.every((text) => compare(text, (name) => metadata.labels?.[name]))
  )
}

function compare(text: string, value: (name: string) => unknown): boolean {
  const [, name = '', operator, wanted] = /^([^!=]+)(!=|=)(.*)$/.exec(text) ?? []
  return operator === '=' ? value(name) === wanted : value(name) !== wanted
}

function typed(request: FakeRequest, object: FakeObject): object {
  if (request.accept.includes('PartialObjectMetadata'))
    return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
  return { kind: kinds[request.plural], apiVersion: 'v1', ...object }
}

function bookmarkOf(request: FakeRequest, version: number, initial: boolean): object {
  const annotations = initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  return {
    kind: kinds[request.plural],
    apiVersion: 'v1',
    metadata: { resourceVersion: String(version), creationTimestamp: null, ...annotations },
  }
}
