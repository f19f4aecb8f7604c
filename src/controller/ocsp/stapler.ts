import { SortedMap } from '../../collections/sorted-map.js'
import type { StapleAnswer } from '../../translate/staple.js'
import { readAnswer } from './answer.js'
import { askResponder, type OcspReply, type Reach } from './ask.js'
import { type OcspQuestion, questionOf } from './question.js'

/** Asks the responders of the certificates that are served, again and again, beside everything else. */
export interface Stapler {
  /** By Secret; the same map until something else is known. */
  answers(): SortedMap<StapleAnswer>
  /** PEM chains by Secret: what is to be known from now on. What is known of others is forgotten. */
  follow(chains: SortedMap<string>): void
  stop(): void
}

export interface StaplerParts {
  /** Something else is known. */
  onChange(): void
  log(level: 'info' | 'warn', message: string): void
  readonly reach: Reach
  /** For tests; default: the network, the clock. */
  readonly ask?: (question: OcspQuestion, reach: Reach) => Promise<OcspReply>
  readonly now?: () => number
  readonly random?: () => number
}

interface Entry {
  readonly chain: string
  readonly question: OcspQuestion
  /** When to ask next. */
  due: number
  asking: boolean
  /** Failures one after another. */
  failures: number
  answer: StapleAnswer | undefined
  /** The last reason that was logged. */
  said: string
}

const AT_ONCE = 4
const FIRST_RETRY = 2_000
const LONGEST_RETRY = 3_600_000
/** However long an answer counts: it says what was true when it was signed. */
const LONGEST_PAUSE = 12 * 3_600_000
const SHORTEST_PAUSE = 5_000
/** Answers that come soon after each other are one change. */
const GATHERING = 100
const LONGEST_SLEEP = 60_000

/**
 * An answer is asked for anew when between a half and seven tenths of the time that it counts are over; where nothing usable
 * comes, after two seconds and then twice as long each time, an hour at most. Until it ends, the last good answer counts.
 */
export function createStapler(parts: StaplerParts): Stapler {
  const { onChange, log, reach, ask = askResponder, now = Date.now, random = Math.random } = parts
  const entries = new Map<string, Entry>()
  const changed = new Set<string>()
  let followed: SortedMap<string> = SortedMap.empty()
  let known: SortedMap<StapleAnswer> = SortedMap.empty()
  let timer: NodeJS.Timeout | undefined
  let gathering: NodeJS.Timeout | undefined
  let asking = 0
  let stopped = false

  function follow(chains: SortedMap<string>): void {
    if (chains === followed || stopped) return
    followed = chains
    const gone = [...entries.keys()].filter((key) => chains.get(key) !== entries.get(key)?.chain)
    for (const key of gone) entries.delete(key)
    const answers = new Map<string, StapleAnswer | undefined>(
      [...known.keys()].filter((key) => chains.get(key) !== known.get(key)?.chain).map((key) => [key, undefined]),
    )
    for (const [key, chain] of chains) {
      if (entries.has(key) || known.get(key)?.chain === chain) continue
      const asked = questionOf(chain)
      if (asked.ok)
        entries.set(key, {
          chain,
          question: asked.question,
          due: now(),
          asking: false,
          failures: 0,
          answer: undefined,
          said: '',
        })
      else answers.set(key, { kind: 'impossible', chain, reason: asked.reason })
    }
    if (answers.size > 0) tell(answers)
    work()
  }

  /** Starts what is due, and sleeps until something else is. */
  function work(): void {
    if (stopped) return
    clearTimeout(timer)
    let next = Number.POSITIVE_INFINITY
    for (const [key, entry] of entries) {
      expire(key, entry)
      if (entry.asking) continue
      if (entry.due <= now() && asking < AT_ONCE) void question(key, entry)
      else next = Math.min(next, entry.due)
    }
    // With all hands full the next to come free works on.
    if (next === Number.POSITIVE_INFINITY || asking >= AT_ONCE) return
    timer = setTimeout(work, Math.min(Math.max(next - now(), GATHERING), LONGEST_SLEEP))
    timer.unref()
  }

  async function question(key: string, entry: Entry): Promise<void> {
    entry.asking = true
    asking++
    const reply = await ask(entry.question, reach)
    asking--
    entry.asking = false
    if (!stopped && entries.get(key) === entry) judge(key, entry, reply)
    work()
  }

  function judge(key: string, entry: Entry, reply: OcspReply): void {
    const at = now()
    const { chain, question: asked } = entry
    const answer = reply.ok ? readAnswer(reply.bytes, asked, at) : undefined
    if (answer?.kind === 'good' && reply.ok) {
      entry.failures = 0
      entry.due = at + Math.min(Math.max((answer.until - at) * (0.5 + 0.2 * random()), SHORTEST_PAUSE), LONGEST_PAUSE)
      say(key, entry, '')
      set(key, entry, { kind: 'good', chain, response: reply.bytes.toString('base64'), until: answer.until })
      return
    }
    entry.failures++
    entry.due = at + Math.min(FIRST_RETRY * 2 ** (entry.failures - 1), LONGEST_RETRY) * (1 + 0.2 * random())
    if (answer?.kind === 'revoked') {
      say(key, entry, 'says that the certificate is revoked')
      set(key, entry, { kind: 'revoked', chain, since: answer.since })
      return
    }
    const reason = answer?.kind === 'unusable' ? `gives an answer that ${answer.reason}` : undefined
    say(key, entry, reason ?? (reply.ok ? '' : reply.reason))
    // Who made the certificate chose the responder: which hosts and ports answer here is not told to them.
    if (entry.answer?.kind !== 'good')
      set(key, entry, {
        kind: 'failed',
        chain,
        reason: reason ?? 'gives no answer; the log of the controller says why',
      })
  }

  /** A good answer that has ended, and has no successor. */
  function expire(key: string, entry: Entry): void {
    if (entry.answer?.kind !== 'good' || entry.answer.until > now()) return
    set(key, entry, { kind: 'failed', chain: entry.chain, reason: 'gives no answer since the last one ended' })
  }

  function say(key: string, entry: Entry, reason: string): void {
    if (entry.said === reason) return
    entry.said = reason
    const responder = `OCSP responder ${entry.question.responder.href} of the certificate of Secret ${key}`
    if (reason === '') log('info', `${responder} answers again`)
    else log('warn', `${responder} ${reason}`)
  }

  function set(key: string, entry: Entry, answer: StapleAnswer): void {
    const { answer: before } = entry
    entry.answer = answer
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(answer)) return
    tell(new Map([[key, answer]]))
  }

  function tell(answers: ReadonlyMap<string, StapleAnswer | undefined>): void {
    known = known.with(answers)
    for (const key of answers.keys()) changed.add(key)
    gathering ??= setTimeout(() => {
      gathering = undefined
      changed.clear()
      if (!stopped) onChange()
    }, GATHERING)
    gathering.unref()
  }

  return {
    answers: () => known,
    follow,
    stop() {
      stopped = true
      clearTimeout(timer)
      clearTimeout(gathering)
    },
  }
}
