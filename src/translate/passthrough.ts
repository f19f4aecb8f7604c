import { differences } from '../collections/differences.js'
import type { SortedMap } from '../collections/sorted-map.js'
import { passedKey, type StreamService, type StreamServices } from '../model/streams.js'
import type { Problem } from '../problems/problem.js'
import { createProblem } from '../problems/create.js'
import type { HostCell } from './host.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'
import type { UpstreamCell } from './upstream.js'

/** Hosts whose TLS is passed on (PT-1, PT-2). */
export interface Passthrough {
  /** Those that ask for it, whether or not it can be. */
  readonly asking: SortedMap<HostCell>
  readonly passed: StreamServices
  readonly problems: readonly Problem[]
}

/**
 * Where TLS for a server name goes: to the endpoints of the Service of the path `/`. Without them, or where that path is
 * closed, its connections are closed. A host that asks for it and cannot be passed on is not decrypted either:
 * `features/passthrough/edge.ts` answers 421. `previous` itself where nothing changed.
 */
export function translatePassthrough(
  previous: Passthrough,
  before: SortedMap<HostCell>,
  hosts: SortedMap<HostCell>,
  upstreams: SortedMap<UpstreamCell>,
  isOtherName: (host: string) => boolean,
  options: TranslateOptions,
): Passthrough {
  const asking = previous.asking.with(
    differences(before, hosts).map(({ key, after }) => [key, after !== undefined && asks(after) ? after : undefined]),
  )
  if (asking.size === 0) return asking === previous.asking ? previous : { asking, passed: new Map(), problems: [] }
  if (!options.streams.streams || !options.streams.streamPass) return { asking, passed: new Map(), problems: [LACKING] }
  const passed = new Map<string, StreamService>()
  const problems: Problem[] = []
  for (const [name, cell] of asking) {
    // PT-2: by its name only. What is wrong is said of the host itself.
    if (isOtherName(name)) continue
    const reason = whyNot(cell)
    if (reason === undefined) passed.set(passedKey(name), serviceOf(cell, upstreams))
    else problems.push(notPassed(cell, reason, options))
  }
  return keepEqual({ asking, passed, problems }, previous)
}

function asks({ document }: HostCell): boolean {
  return document.features?.passthrough === true
}

function whyNot({ document: { name, root } }: HostCell): string | undefined {
  if (name.startsWith('*')) return 'TLS is passed on for single hosts only, not for a wildcard'
  return root.match === 'implicit' ? 'it has no path /, whose Service would get the connections' : undefined
}

function serviceOf({ document: { root } }: HostCell, upstreams: SortedMap<UpstreamCell>): StreamService {
  const document = root.action.kind === 'proxy' ? upstreams.get(root.action.upstream)?.document : undefined
  if (document === undefined) return { label: '-', endpoints: [] }
  const { label, addresses, ports } = document
  return { label, endpoints: addresses.map((address, i) => ({ address, port: ports[i] ?? 0 })) }
}

function notPassed({ input, document }: HostCell, reason: string, { annotationsPrefix }: TranslateOptions): Problem {
  const declared = input.contributions.find((one) => one.declared.features.host?.passthrough === true)?.declared
  const message = `TLS for ${document.name} cannot be passed on: ${reason}. It is not ended here either: requests are answered 421.`
  const field = `metadata.annotations["${annotationsPrefix}/ssl-passthrough"]`
  return declared === undefined
    ? createProblem('stream/not-passed', { kind: 'Host', namespace: '', name: document.name }, '', message)
    : problemOf('stream/not-passed', declared.ingress, field, message)
}

const LACKING = createProblem(
  'stream/engine-lacks',
  { kind: 'NGINX', namespace: '', name: 'streams' },
  '--enable-ssl-passthrough',
  'TLS cannot be passed on: NGINX has no stream module with njs, or is older than 1.25.5. Hosts with ssl-passthrough answer 421 over TLS. Install libnginx-mod-stream-js, or run "make engine".',
)

function keepEqual(made: Passthrough, previous: Passthrough): Passthrough {
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  const passed = isSame([...made.passed], [...previous.passed]) ? previous.passed : made.passed
  const problems = isSame(made.problems, previous.problems) ? previous.problems : made.problems
  return passed === previous.passed && problems === previous.problems && made.asking === previous.asking
    ? previous
    : { asking: made.asking, passed, problems }
}
