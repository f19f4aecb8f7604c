import type { LogFile } from '../../observe/logs/log-file.js'
import { printable } from './safe-text.js'

const WIDTH = 30
const EVERY_MILLISECONDS = 200

/** A bar on standard error, where that is a terminal; else nothing. */
export function createProgress({ path, size }: LogFile): {
  show(readOfFile: number, records: () => number): void
  end(): void
} {
  const isShown = process.stderr.isTTY && size > 0
  const started = performance.now()
  let last = started
  let before: number | undefined
  return {
    show(readOfFile, records) {
      const now = performance.now()
      if (!isShown || now - last < EVERY_MILLISECONDS) return
      last = now
      const count = records()
      before ??= count
      const share = Math.min(1, readOfFile / size)
      const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.')
      const rate = Math.round((count - before) / ((now - started) / 1000))
      process.stderr.write(
        `\r[${bar}] ${Math.floor(share * 100)}% ${count} lines, ${rate}/s  ${printable(path)}\u001b[K`,
      )
    },
    end() {
      if (isShown && last > started) process.stderr.write('\r\u001b[K')
    },
  }
}
