/** What one process of a load generator counted. */
export interface LoadCount {
  /** Requests answered with 2xx. */
  readonly requests: number
  /** Answers other than 2xx, connections that failed or broke, and requests without an answer. */
  readonly failures: number
}

/** The line that the script of load-command.ts makes wrk print; undefined when it is not there. */
export function parseWrk(output: string): LoadCount | undefined {
  const line = output.split('\n').find((each) => each.startsWith('{"requests"'))
  if (line === undefined) return undefined
  const { requests, errors, refused } = JSON.parse(line) as Record<string, number> // the script prints whole numbers
  return { requests: (requests ?? 0) - (refused ?? 0), failures: (errors ?? 0) + (refused ?? 0) }
}

/**
 * The summary of h2load; undefined when it is not there.
 *
 * @param underWay requests that the end of the time may cut off, which h2load counts as failed
 */
export function parseH2load(output: string, underWay: number): LoadCount | undefined {
  const totals = /^requests: .*?(\d+) failed, (\d+) errored/m.exec(output)
  const codes = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(output)
  if (totals === null || codes === null) return undefined
  const [good = 0, ...others] = codes.slice(1).map(Number)
  // "failed" holds the errored ones and the statuses from 400 on.
  const errored = Number(totals[2])
  const wrong = others.reduce((sum, number) => sum + number, 0)
  return { requests: good, failures: wrong + Math.max(0, errored - underWay) }
}

/**
 * Milliseconds of each answered request in a log of h2load (start in microseconds, status, microseconds), without those
 * that began in the first `skipMilliseconds`.
 */
export function parseH2loadLog(text: string, skipMilliseconds: number): readonly number[] {
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t').map(Number))
    .filter(([, status = 0]) => status >= 200 && status < 300)
  const first = rows.reduce((least, [start = 0]) => Math.min(least, start), Number.POSITIVE_INFINITY)
  return rows
    .filter(([start = 0]) => start >= first + skipMilliseconds * 1000)
    .map(([, , microseconds = 0]) => microseconds / 1000)
}
