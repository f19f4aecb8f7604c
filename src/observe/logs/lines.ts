/** Beyond it a line is none: nothing that NGINX writes is as long. */
export const LONGEST_LINE = 262_144

/** Divides what is read, in pieces of any size, into lines. Texts have one character per byte. */
export interface LineSplitter {
  /** @param onLine gets each line without its end; one that is too long in parts: its beginning, marked by `isCut` */
  read(bytes: Uint8Array, onLine: (line: string, isCut: boolean) => void): void
  /** What is left is a line without an end, which is the last one of a file, or half of one. */
  end(onLine: (line: string, isCut: boolean) => void): void
  /**
   * What follows does not go on where the last piece ended: forgets what is left, and what comes up to the next end of
   * a line.
   */
  skip(): void
  /** Bytes that were read of a line whose end has not come. */
  waiting(): number
}

export function createLineSplitter(): LineSplitter {
  let rest = ''
  let isSkipping = false

  return {
    read(bytes, onLine) {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
      let at = 0
      let end = piece.indexOf('\n')
      if (end >= 0 && (rest !== '' || isSkipping)) {
        if (!isSkipping) onLine(withoutReturn(rest + piece.slice(0, end)), false)
        rest = ''
        isSkipping = false
        at = end + 1
        end = piece.indexOf('\n', at)
      }
      for (; end >= 0; end = piece.indexOf('\n', at)) {
        onLine(piece.charCodeAt(end - 1) === RETURN ? piece.slice(at, end - 1) : piece.slice(at, end), false)
        at = end + 1
      }
      if (isSkipping) return
      rest = at === 0 ? rest + piece : piece.slice(at)
      if (rest.length <= LONGEST_LINE) return
      onLine(rest.slice(0, 1_000), true)
      rest = ''
      isSkipping = true
    },
    end(onLine) {
      if (rest !== '') onLine(withoutReturn(rest), false)
      rest = ''
      isSkipping = false
    },
    waiting: () => rest.length,
    skip() {
      rest = ''
      isSkipping = true
    },
  }
}

const RETURN = 13

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

export function countLines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

const NEWLINE = 10
