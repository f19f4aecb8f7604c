import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'

/** How slow the cloud is, in milliseconds. */
export interface Delays {
  /** Until a new object is seen by those that look for it. */
  readonly visible: number
  /** After that: how many looks do not show it yet. */
  readonly looks: number
  /** Of a job of NLB. */
  readonly job: number
  /** Until a new NLB is active. */
  readonly active: number
}

/** A line of the ledger: what costs money, or is left lying about. */
export interface Entry {
  readonly kind: 'clb' | 'nlb' | 'server-group' | 'v-server-group' | 'security-group'
  readonly id: string
  readonly name: string
  /** Made by a call, or there from the beginning: a user's. */
  readonly by: 'call' | 'user'
  readonly createdAt: number
  deletedAt: number | undefined
}

interface Job {
  readonly doneAt: number
  readonly finish: () => void
  finished: boolean
}

/** What all products share: time, ids, tokens, jobs, the ledger. */
export class World {
  delays: Delays = { visible: 0, looks: 0, job: 0, active: 0 }
  /** Added to the clock of this machine. */
  clockOffset = 0
  /** Where a test has stopped the clock, in milliseconds since the epoch. */
  stoppedAt: number | undefined
  readonly ledger: Entry[] = []
  /** VSwitches without an address left. */
  readonly full = new Set<string>()
  readonly #tokens = new Map<string, { readonly asked: string; readonly answer: object }>()
  readonly #jobs = new Map<string, Job>()
  #ids = 0
  #addresses = 0

  now(): number {
    return this.stoppedAt ?? Date.now() + this.clockOffset
  }

  id(prefix: string): string {
    this.#ids += 1
    return `${prefix}-${this.#ids.toString(36).padStart(6, '0')}`
  }

  address(internal: boolean): string {
    this.#addresses += 1
    const rest = `${Math.floor(this.#addresses / 250)}.${(this.#addresses % 250) + 1}`
    return internal ? `10.200.${rest}` : `203.0.${rest}`
  }

  /** The answer to a call that came before with the same token; otherwise that of `act`, which is kept. */
  once(action: string, parameters: Parameters, act: () => object): object {
    const token = parameters.text('ClientToken')
    if (token === '') return act()
    if (token.length > 64) throw new Refusal(400, 'InvalidParameter.ClientToken', 'A token has at most 64 characters.')
    const { ClientToken: _, ...rest } = parameters.all()
    const asked = JSON.stringify([action, Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))])
    const known = this.#tokens.get(token)
    if (known !== undefined && known.asked !== asked)
      throw new Refusal(400, 'IdempotentParameterMismatch', 'The token was used with other parameters.')
    if (known !== undefined) return known.answer
    const answer = act()
    this.#tokens.set(token, { asked, answer })
    return answer
  }

  /** Something that is done a little later; answers its id. */
  job(milliseconds: number, finish: () => void): string {
    const id = this.id('job')
    const job = { doneAt: this.now() + milliseconds, finish, finished: false }
    this.#jobs.set(id, job)
    this.settle()
    return id
  }

  jobStatus(id: string): 'Processing' | 'Succeeded' {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new Refusal(404, 'ResourceNotFound.job', 'The specified job is not found.')
    this.settle()
    return job.finished ? 'Succeeded' : 'Processing'
  }

  /** Of something new. */
  unseen(): Seen {
    return { visibleAt: this.now() + this.delays.visible, hidden: { looks: this.delays.looks } }
  }

  /** Counts as a look. */
  isVisible({ visibleAt, hidden }: Seen): boolean {
    if (visibleAt > this.now()) return false
    hidden.looks -= 1
    return hidden.looks < 0
  }

  /** Ends what is due. To be called before every action. */
  settle(): void {
    for (const job of this.#jobs.values()) {
      if (job.finished || job.doneAt > this.now()) continue
      job.finished = true
      job.finish()
    }
  }

  note(kind: Entry['kind'], id: string, name: string, by: Entry['by'] = 'call'): void {
    this.ledger.push({ kind, id, name, by, createdAt: this.now(), deletedAt: undefined })
  }

  gone(id: string): void {
    for (const entry of this.ledger) if (entry.id === id) entry.deletedAt ??= this.now()
  }
}

/** An object that is not seen by everybody from the first moment. */
export interface Seen {
  readonly visibleAt: number
  /** Looks left that do not show it. */
  readonly hidden: { looks: number }
}

/** What a user does without us, as tests tell it. */
export interface ByHand {
  readonly product?: 'slb' | 'nlb'
  readonly what:
    | 'create'
    | 'delete'
    | 'set'
    | 'listener'
    | 'group'
    | 'weights'
    | 'eip'
    | 'state'
    | 'tag'
    | 'full'
    | 'room'
  /** Of the instance; with `full` and `room` of a VSwitch: it has no address left, or some again. */
  readonly id?: string
  readonly name?: string
  readonly protocol?: 'tcp' | 'udp' | 'http' | 'https'
  readonly port?: number
  readonly weight?: number
  /** Of an NLB. */
  readonly state?: 'Active' | 'CreateFailed' | 'Inactive'
  readonly address?: string
  readonly settings?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
}

/** Of what is there from the beginning. */
export function seenByAll(): Seen {
  return { visibleAt: 0, hidden: { looks: 0 } }
}
