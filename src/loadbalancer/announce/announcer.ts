import type { KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import { createLeaderElection, type LeaderElection } from '../../kubernetes/leader-election.js'
import { parseIp } from '../addresses/ip.js'
import { createClusterWorld } from '../cluster-world.js'
import { candidatesOf } from './candidates.js'
import { nextHold, type Hold } from './hold.js'
import { linkFor, type Link } from './links.js'

/** Answers ARP and neighbour discovery; src/apply/engine/neighbours.ts has what these mean. */
export interface NeighbourPort {
  answerFor(
    addresses: readonly AnsweredAddress[],
  ): Promise<
    | { readonly ok: true; readonly conflicts: readonly { readonly address: string; readonly mac: string }[] }
    | { readonly ok: false; readonly cause: string }
  >
  stop(): Promise<void>
}

interface AnsweredAddress {
  readonly address: string
  readonly interface: string
  readonly mac: string
  readonly announcements: number
  readonly inConflict: 'defend' | 'withdraw'
}

export interface AnnouncerParts {
  readonly client: KubernetesClient
  readonly neighbours: NeighbourPort
  /** The name of the Node that this runs on. */
  readonly node: string
  /** Where the Leases are. */
  readonly namespace: string
  /** Unlike that of every other process: see `electionIdentity`. */
  readonly identity: string
  links(): readonly Link[]
  /** '': that in whose network an address is. */
  readonly interfaceName: string
  readonly clock: Clock
  /** How long a Lease holds without being renewed. Default 2 s: another node has the address within 3 s. */
  readonly ttlMilliseconds?: number
  log(level: 'info' | 'warn' | 'error', message: string): void
}

export interface Announcer {
  start(): void
  /** Gives the Leases back, so that others need not wait. */
  stop(): Promise<void>
  /** What this node answers for now. */
  held(): readonly string[]
}

const TTL_MILLISECONDS = 2_000
const TICK_MILLISECONDS = 250
/** Who cannot answer for so long leaves its addresses to other nodes, and asks for none for a while. */
const PATIENCE_MILLISECONDS = 1_000
const REST_MILLISECONDS = 10_000

interface Candidacy {
  readonly election: LeaderElection
  readonly hold: Hold
}

/**
 * The agent of a node: takes part in the election for each address that it may answer for (a Lease each), and answers for
 * those that it holds. Rights: list and watch on services, nodes and endpointslices; get, create and update on leases.
 */
export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const { client, neighbours, clock, log, identity } = parts
  const ttl = parts.ttlMilliseconds ?? TTL_MILLISECONDS
  const candidacies = new Map<string, Candidacy>()
  const said = new Set<string>()
  const ending = new Set<Promise<void>>()
  let leaving: LeaderElection[] = []
  let stale = true
  let last = clock.now()
  let mute: number | undefined
  let restUntil = Number.NEGATIVE_INFINITY
  let conflicts = new Set<string>()
  let stopped = false
  let cancel = (): void => undefined
  let ticking: Promise<void> = Promise.resolve()
  let synced = false

  const changed = (): void => void (stale = true)
  const world = createClusterWorld({
    client,
    clock,
    onService: changed,
    onEndpoints: changed,
    onNodes: changed,
    warn: (message) => log('warn', message),
  })
  void world.synced.then(() => (synced = true))

  function next(): void {
    if (stopped) return
    ticking = tick().catch((cause: unknown) =>
      log('error', cause instanceof Error ? (cause.stack ?? '') : String(cause)),
    )
    void ticking.then(() => {
      if (!stopped) cancel = clock.after(TICK_MILLISECONDS, next)
    })
  }

  async function tick(): Promise<void> {
    const now = clock.now()
    if (synced && stale && now >= restUntil) stand()
    const gap = now - last
    last = now
    for (const [address, candidacy] of candidacies) look(address, candidacy, now, gap)
    const links = parts.links()
    const answer = await tell(
      [...candidacies].flatMap(([address, { hold }]) => {
        const link = linkFor(address, links, parts.interfaceName)
        if (hold.kind === 'no' || link === undefined) return []
        const inConflict = hold.kind === 'led' ? 'defend' : 'withdraw'
        const { announcements } = hold
        return [{ address, interface: link.name, mac: link.mac, announcements, inConflict }] as const
      }),
    )
    // Silence before a Lease is given away: nobody else may answer earlier.
    for (const election of leaving) {
      const end = election.stop().finally(() => ending.delete(end))
      ending.add(end)
    }
    leaving = []
    if (answer.ok) {
      mute = undefined
      for (const { address, mac } of answer.conflicts) log('warn', `${address} is also answered for by ${mac}`)
      conflicts = new Set(answer.conflicts.map(({ address }) => address))
    } else {
      once(`addresses are not answered for: ${answer.cause}`)
      mute ??= now
      if (now - mute >= PATIENCE_MILLISECONDS && candidacies.size > 0) stepAside(answer.cause)
    }
  }

  async function tell(addresses: readonly AnsweredAddress[]): ReturnType<NeighbourPort['answerFor']> {
    try {
      return await neighbours.answerFor(addresses)
    } catch (cause) {
      return { ok: false, cause: cause instanceof Error ? cause.message : String(cause) }
    }
  }

  /** With the Lease in its hand and no way to answer, a node would keep an address from everybody. */
  function stepAside(cause: string): void {
    log('warn', `addresses are left to other nodes for ${REST_MILLISECONDS / 1000} s: ${cause}`)
    for (const { election } of candidacies.values()) leaving.push(election)
    candidacies.clear()
    mute = undefined
    restUntil = clock.now() + REST_MILLISECONDS
    stale = true
  }

  function look(address: string, { election, hold: before }: Candidacy, now: number, gap: number): void {
    const isLeader = election.isLeader()
    const conflict = conflicts.has(address)
    const hold = nextHold(before, { isLeader, holder: election.holder(), identity, conflict, now, gap, ttl })
    if (hold.kind !== before.kind) log('info', describe(address, hold))
    candidacies.set(address, { election, hold })
  }

  /** Takes part in the elections that this node is a candidate for, and in no others. */
  function stand(): void {
    stale = false
    const all = candidatesOf(world.services.values(), world.nodes(), world.endpointsOf)
    const links = parts.links()
    const mine = [...all].filter(([, names]) => names.includes(parts.node)).map(([address]) => address)
    const wanted = new Set(mine.filter((address) => linkFor(address, links, parts.interfaceName) !== undefined))
    for (const address of mine) {
      if (!wanted.has(address)) once(`${address} is in no network of this node's interfaces; name one with --interface`)
    }
    for (const [address, { election }] of candidacies) {
      if (wanted.has(address)) continue
      candidacies.delete(address)
      leaving.push(election)
    }
    for (const address of wanted) if (!candidacies.has(address)) candidacies.set(address, begin(address))
  }

  function begin(address: string): Candidacy {
    const election = createLeaderElection({
      client,
      namespace: parts.namespace,
      name: leaseName(address),
      ttlMilliseconds: ttl,
      identity,
      onStart: () => undefined,
      onStop: () => undefined,
      // What it says of each round would be much, with a Lease for each address.
      log: (level, message) => level === 'error' && log(level, message),
      clock,
    })
    election.start()
    return { election, hold: { kind: 'no' } }
  }

  function once(message: string): void {
    if (!said.has(message)) log('warn', message)
    said.add(message)
  }

  return {
    start() {
      world.start()
      next()
    },
    async stop() {
      stopped = true
      cancel()
      await ticking
      await neighbours.stop()
      await Promise.all([
        ...leaving.map((election) => election.stop()),
        ...[...candidacies.values()].map(({ election }) => election.stop()),
        ...ending,
        world.stop(),
      ])
    },
    held: () => [...candidacies].filter(([, { hold }]) => hold.kind !== 'no').map(([address]) => address),
  }
}

/** A name that every address has one of: colons are no part of names, and groups of zeros have many forms. */
export function leaseName(address: string): string {
  const ip = parseIp(address)
  if (ip === undefined || ip.family === 'IPv4') return `fairlead-address-${address}`
  return `fairlead-address-${ip.number.toString(16).padStart(32, '0')}`
}

function describe(address: string, hold: Hold): string {
  switch (hold.kind) {
    case 'no':
      return `${address}: answered for no more`
    case 'led':
      return `${address}: answered for by this node`
    case 'over':
      return `${address}: the Lease cannot be renewed; answered for until another node is seen to do it`
  }
}
