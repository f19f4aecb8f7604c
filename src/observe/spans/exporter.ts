import type { SpanExport } from '../../model/span-export.js'
import type { SpanRecord } from './span-record.js'

/** What became of a message. `later`: to be sent again, after so long if the collector says so (OTLP, "Failures"). */
export type Sent =
  | { readonly kind: 'taken'; readonly rejected: number; readonly why: string }
  | { readonly kind: 'later'; readonly afterMilliseconds: number | undefined; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }

export interface ExporterParts {
  /** Never fails. */
  send(to: SpanExport, records: readonly SpanRecord[]): Promise<Sent>
  /** So many spans were lost since it was last said. */
  onLost(spans: number, why: string): void
  /** From 0 to 1. */
  chance(): number
}

export interface SpanExporter {
  /** undefined: nothing is sent, and what waits is thrown away. */
  configure(to: SpanExport | undefined): void
  add(record: SpanRecord): void
  /** Sends what waits, if that can be done in so many milliseconds, and ends. */
  finish(milliseconds: number): Promise<void>
}

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 30_000
/** Then spans are old enough to be given up. */
const LONGEST_TRYING = 120_000
const BETWEEN_COMPLAINTS = 30_000

/** Sends spans in messages of many, one after the other. It is bounded: what has no room is dropped, and counted. */
export function createSpanExporter({ send, onLost, chance }: ExporterParts): SpanExporter {
  let to: SpanExport | undefined
  let queue: SpanRecord[] = []
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  let wake: (() => void) | undefined
  let isEnding = false
  let lost = 0
  let saidAt = -Infinity

  function lose(spans: number, why: string): void {
    lost += spans
    if (lost === 0 || (!isEnding && performance.now() - saidAt < BETWEEN_COMPLAINTS)) return
    saidAt = performance.now()
    onLost(lost, why)
    lost = 0
  }

  function schedule(): void {
    if (to === undefined || sending !== undefined || queue.length === 0) return
    if (queue.length >= to.batch || isEnding) {
      clearTimeout(timer)
      timer = undefined
      begin()
    } else if (timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined
        begin()
      }, to.delayMilliseconds)
      timer.unref()
    }
  }

  function begin(): void {
    if (to === undefined || sending !== undefined) return
    const records = queue.splice(0, to.batch)
    sending = deliver(records).then(() => {
      sending = undefined
      schedule()
    })
  }

  async function deliver(records: readonly SpanRecord[]): Promise<void> {
    const since = performance.now()
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      if (to === undefined) return
      const sent = await send(to, records)
      if (sent.kind === 'taken') return sent.rejected > 0 ? lose(sent.rejected, sent.why) : undefined
      if (sent.kind === 'refused') return lose(records.length, sent.why)
      const pause = sent.afterMilliseconds ?? wait * (0.5 + chance())
      if (isEnding || performance.now() - since + pause > LONGEST_TRYING) return lose(records.length, sent.why)
      await pauseFor(pause)
    }
  }

  function pauseFor(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = setTimeout(resolve, milliseconds)
      end.unref()
      wake = () => {
        clearTimeout(end)
        resolve()
      }
    })
  }

  return {
    configure(next) {
      to = next
      if (next === undefined) queue = []
      schedule()
    },
    add(record) {
      if (to === undefined) return
      if (queue.length >= to.queue) return lose(1, 'too many wait for the collector (otel-max-queuesize)')
      queue.push(record)
      schedule()
    },
    async finish(milliseconds) {
      isEnding = true
      wake?.()
      const end = performance.now() + milliseconds
      schedule()
      while (sending !== undefined && performance.now() < end)
        await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, end - performance.now()).unref())])
      clearTimeout(timer)
      lose(queue.length, 'the controller ends')
      queue = []
      to = undefined
    },
  }
}
