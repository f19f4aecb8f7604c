import type { Notification } from './notification.js'

/** What became of an attempt. `later`: it may be tried again. */
export type Sent =
  | { readonly kind: 'taken' }
  | { readonly kind: 'later'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }

/** A notification on its way to one channel. */
export interface Waiting {
  readonly channel: string
  readonly notification: Notification
}

export interface ChannelCounts {
  readonly waiting: number
  readonly sent: number
  /** Given up: refused, or not taken for too long. */
  readonly failed: number
  /** No place in the queue, or the channel is gone. */
  readonly dropped: number
  /** Milliseconds since 1970 of the last one that was taken. */
  readonly lastSent?: number
  /** Why the last attempt failed; gone after one that did not. */
  readonly problem?: string
}

export interface OutboxParts {
  /** Never rejects. */
  send(channel: string, notification: Notification): Promise<Sent>
  /** Calls once, later; gives what calls it off. */
  after(milliseconds: number, act: () => void): () => void
  /** Milliseconds since 1970. */
  now(): number
  /** From 0 to 1. */
  chance(): number
  /** Something waits that did not, or waits no more. */
  onChange(what: 'came' | 'went'): void
  log(level: 'info' | 'warn', message: string): void
}

export interface Outbox {
  /** Channels there are; what waits for others is dropped. */
  follow(channels: readonly string[]): void
  /** Returns at once. */
  offer(channel: string, notification: Notification): void
  waiting(): readonly Waiting[]
  counts(): ReadonlyMap<string, ChannelCounts>
  /** Waits for attempts under way, at most so long, and ends. What still waits stays in `waiting`. */
  finish(milliseconds: number): Promise<void>
}

const MOST_WAITING = 100
const MOST_ATTEMPTS = 12
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 300_000
const LONGEST_ATTEMPT = 60_000

interface Line {
  queue: Notification[]
  attempts: number
  busy: Promise<void> | undefined
  callOff: (() => void) | undefined
  sent: number
  failed: number
  dropped: number
  lastSent: number | undefined
  problem: string | undefined
}

/**
 * A queue for each channel, so that one that is dead keeps nobody waiting. Attempts follow after 1 s, 2 s, … up to 5
 * min (with chance in it); after twelve, about twenty minutes, a notification is given up. An attempt may take a
 * minute.
 */
export function createOutbox({ send, after, now, chance, onChange, log }: OutboxParts): Outbox {
  const lines = new Map<string, Line>()
  let isEnding = false

  function advance(name: string, line: Line): void {
    const [first] = line.queue
    if (first === undefined || line.busy !== undefined || line.callOff !== undefined || isEnding) return
    let callOff = (): void => undefined
    const tooLong = new Promise<Sent>((resolve) => {
      callOff = after(LONGEST_ATTEMPT, () => resolve({ kind: 'later', why: 'an attempt took too long' }))
    })
    line.busy = Promise.race([attempt(name, first), tooLong]).then((sent) => {
      callOff()
      line.busy = undefined
      settle(name, line, first, sent)
      advance(name, line)
    })
  }

  /** What fails otherwise than it should must not end its channel; its words are not known to be without secrets. */
  async function attempt(name: string, notification: Notification): Promise<Sent> {
    try {
      return await send(name, notification)
    } catch (cause) {
      return { kind: 'later', why: `it failed (${cause instanceof Error ? cause.name : 'no reason is known'})` }
    }
  }

  function settle(name: string, line: Line, notification: Notification, sent: Sent): void {
    if (lines.get(name) !== line) return
    if (sent.kind === 'taken') {
      line.sent += 1
      line.lastSent = now()
      line.problem = undefined
      return leave(line)
    }
    line.attempts += 1
    if (line.problem === undefined) log('warn', `alerts: channel "${name}": ${sent.why}`)
    line.problem = sent.why
    if (sent.kind === 'refused' || line.attempts >= MOST_ATTEMPTS) {
      line.failed += 1
      log(
        'warn',
        `alerts: "${notification.rule}" was given up for channel "${name}" after ${line.attempts} attempts: ${sent.why}`,
      )
      return leave(line)
    }
    const pause = Math.min(FIRST_PAUSE * 2 ** (line.attempts - 1), LONGEST_PAUSE) * (0.75 + chance() / 2)
    line.callOff = after(pause, () => {
      line.callOff = undefined
      advance(name, line)
    })
  }

  function leave(line: Line): void {
    line.queue.shift()
    line.attempts = 0
    onChange('went')
  }

  return {
    follow(channels) {
      for (const name of channels)
        if (!lines.has(name))
          lines.set(name, {
            queue: [],
            attempts: 0,
            busy: undefined,
            callOff: undefined,
            sent: 0,
            failed: 0,
            dropped: 0,
            lastSent: undefined,
            problem: undefined,
          })
      for (const [name, line] of lines) {
        if (channels.includes(name)) continue
        line.callOff?.()
        lines.delete(name)
        if (line.queue.length > 0) {
          log('warn', `alerts: channel "${name}" is gone; ${line.queue.length} notifications for it are dropped`)
          onChange('went')
        }
      }
    },
    offer(name, notification) {
      const line = lines.get(name)
      if (line === undefined) return
      if (line.queue.length >= MOST_WAITING) {
        line.dropped += 1
        if (line.dropped === 1)
          log('warn', `alerts: channel "${name}" takes too little: notifications are dropped, and counted`)
        return
      }
      line.queue.push(notification)
      onChange('came')
      advance(name, line)
    },
    waiting: () =>
      [...lines].flatMap(([channel, { queue }]) => queue.map((notification) => ({ channel, notification }))),
    counts: () =>
      new Map(
        [...lines].map(([name, { queue, sent, failed, dropped, lastSent, problem }]) => [
          name,
          {
            waiting: queue.length,
            sent,
            failed,
            dropped,
            ...(lastSent === undefined ? {} : { lastSent }),
            ...(problem === undefined ? {} : { problem }),
          },
        ]),
      ),
    async finish(milliseconds) {
      isEnding = true
      for (const { callOff } of lines.values()) callOff?.()
      const busy = Promise.all([...lines.values()].map((line) => line.busy ?? Promise.resolve()))
      await Promise.race([busy, new Promise<void>((resolve) => void after(milliseconds, resolve))])
    },
  }
}
