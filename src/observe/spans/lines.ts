import type { LogSink } from '../tail.js'

const NEWLINE = 10
/** A line that is longer is none of ours. */
const LONGEST = 256 * 1024

/** A sink that hands on whole lines; the rest of one waits for its end. */
export function createLines(onLine: (line: string) => void): LogSink {
  let rest: Buffer = Buffer.alloc(0)
  return {
    write(bytes) {
      let from = 0
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
        const end = bytes.subarray(from, at)
        onLine((rest.length === 0 ? end : Buffer.concat([rest, end])).toString())
        rest = Buffer.alloc(0)
        from = at + 1
      }
      const left = bytes.subarray(from)
      rest = rest.length + left.length > LONGEST ? Buffer.alloc(0) : Buffer.concat([rest, left])
      return bytes.length
    },
  }
}
