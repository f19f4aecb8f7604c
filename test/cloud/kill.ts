import { isReading } from '../../src/loadbalancer/alibaba/api.js'
import { createStage, type Guard, type Stage } from './stage.js'
import type { Double, State } from './start.js'

/** A way from one state of the world to another. */
export interface Sequence {
  readonly name: string
  /** Before it begins. */
  readonly prepare: (stage: Stage, double: Double) => Promise<void>
  readonly change: (stage: Stage) => void
  /** How many instances there should have been, over all. */
  readonly instances: number
}

export interface Ending {
  readonly cloud: unknown
  readonly service: unknown
  readonly instances: number
  /** Security groups that were made, over all. */
  readonly guards: number
  readonly left: readonly string[]
}

/**
 * Goes the way once undisturbed, then once for each place between two changing calls: the controller is killed before
 * the first, or after one took effect and before its answer. A new controller that remembers nothing begins. Gives
 * every ending, the undisturbed first.
 */
export async function killEverywhere(
  double: Double,
  { prepare, change }: Sequence,
): Promise<readonly (Ending & { readonly at: string })[]> {
  const endings: (Ending & { at: string })[] = []
  const go = async (at: string, guard: Guard): Promise<void> => {
    await double.reset()
    await double.delay({ looks: 2, job: 3, active: 3 })
    const stage = createStage(double)
    try {
      await prepare(stage, double)
      change(stage)
      const first = await stage.begin(guard).settle()
      if (at !== 'undisturbed' && first.kind !== 'died') throw new Error(`${at}: nobody was killed`)
      await finish(stage)
      endings.push({ at, ...(await endingOf(double, stage)) })
    } finally {
      await stage.close()
    }
  }
  const actions: string[] = []
  await go('undisturbed', ({ action }) => {
    if (!isReading(action)) actions.push(action)
    return 'go'
  })
  // Killed before a call is, but for the first, the same as after the one before it.
  for (const [index, action] of actions.entries())
    for (const fate of index === 0 ? (['die before', 'die after'] as const) : (['die after'] as const)) {
      let count = 0
      await go(`${fate} ${action} (${index + 1} of ${actions.length})`, (call) => {
        if (isReading(call.action)) return 'go'
        count += 1
        return count === index + 1 ? fate : 'go'
      })
    }
  return endings
}

/** Until nothing is left to do, and what was made meanwhile can be seen. */
async function finish(stage: Stage): Promise<void> {
  let quiet = 0
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    await stage.begin().settle()
    quiet = (await stage.begin().planned()).length === 0 ? quiet + 1 : 0
    if (quiet === LOOKS_UNTIL_ALL_IS_SEEN) return
  }
  throw new Error('there is always something left to do')
}

/** Two looks do not show what is new. */
const LOOKS_UNTIL_ALL_IS_SEEN = 2

async function endingOf(double: Double, stage: Stage): Promise<Ending> {
  const ledger = await double.ledger()
  const { uid: _, labels, ...service } = stage.service
  return {
    cloud: withoutIds(await double.state()),
    service: withoutIds({ ...service, labels: Object.keys(labels).toSorted() }),
    instances: ledger.filter(({ kind, by }) => by === 'call' && (kind === 'clb' || kind === 'nlb')).length,
    guards: ledger.filter(({ kind, by }) => by === 'call' && kind === 'security-group').length,
    left: ledger
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ kind, name }) => `${kind} ${nameless(name)}`)
      .toSorted(),
  }
}

/** Ids, addresses and uids differ from run to run. */
export function withoutIds(value: State | object): unknown {
  return JSON.parse(nameless(JSON.stringify(value)))
}

function nameless(text: string): string {
  return text
    .replace(/"(lb|rsp|nlb|sgp|lsn|de|sg)-[a-z0-9]+([".])/g, '"$1-#$2')
    .replace(/203\.0\.\d+\.\d+|10\.200\.\d+\.\d+/g, '#.#.#.#')
    .replace(/0000\d+-aaaa-bbbb-cccc-\d+/g, '#uid#')
    .replace(/\ba0000[0-9a-z]+/g, '#name#')
}
