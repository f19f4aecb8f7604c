const NEWLINE = 0x0a

/** Puts together the lines of a stream, however its bytes are cut into chunks. */
export interface LineSplitter {
  /** The lines that this chunk completed, without their newlines. */
  push(chunk: Buffer): readonly string[]
}

/** What stands after the last newline when a stream ends is half a line, and is never given. */
export function createLineSplitter(): LineSplitter {
  // A long line is joined once, when its end is there.
  let pending: Buffer[] = []
  return {
    push(chunk) {
      const lines: string[] = []
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        const end = chunk.subarray(from, at)
        // Bytes become text only when the line is whole, since a cut may go through a character.
        const line = pending.length === 0 ? end : Buffer.concat([...pending, end])
        pending = []
        from = at + 1
        if (line.length > 0) lines.push(line.toString('utf8'))
      }
      if (from < chunk.length) pending.push(chunk.subarray(from))
      return lines
    },
  }
}
