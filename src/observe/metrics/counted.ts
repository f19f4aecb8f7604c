/** What a worker counted for one label set since it last handed anything on. */
export interface Counted {
  /** The label set, as the edge writes it. */
  readonly labels: string
  readonly example: Example | undefined
  /** Positions of a `Layout` and what to add there, in turn. */
  readonly numbers: readonly number[]
}

/** One request of a label set, for exemplars. */
export interface Example {
  readonly seconds: number
  readonly requestId: string
  /** Seconds since 1970. */
  readonly at: number
}

/** Reads a line of `edge/metrics-fold.ts`; undefined: it is none. */
export function parseCounted(line: string): Counted | undefined {
  const end = line.lastIndexOf('\t')
  const middle = line.lastIndexOf('\t', end - 1)
  if (middle < 0) return undefined
  const numbers: number[] = []
  for (const pair of line.slice(end + 1).split(' ')) {
    if (pair === '') continue
    const colon = pair.indexOf(':')
    const position = Number(pair.slice(0, colon))
    const number = Number(pair.slice(colon + 1))
    if (colon < 0 || !Number.isInteger(position) || !Number.isFinite(number)) return undefined
    numbers.push(position, number)
  }
  return { labels: line.slice(0, middle), example: parseExample(line.slice(middle + 1, end)), numbers }
}

function parseExample(text: string): Example | undefined {
  const [milliseconds, requestId, at] = text.split(' ')
  // Clients may send an id of their own; one with odd characters is no example.
  if (at === undefined || requestId === undefined || !/^[\w.:/+=-]{1,64}$/.test(requestId)) return undefined
  return { seconds: Number(milliseconds) / 1000, requestId, at: Number(at) }
}
