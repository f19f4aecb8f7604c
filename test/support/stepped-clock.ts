import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('stepped-clock.c', import.meta.url))

/** The wall clock of programs, which a test sets while they run. */
export interface SteppedClock {
  /** For programs that are to go by it, and those that they start. */
  readonly environment: Readonly<Record<string, string>>
  /** So far ahead of the true time from now on, at once and for all of them; negative: behind. */
  set(milliseconds: number): void
}

/** In that folder. Needs a C compiler. */
export function createSteppedClock(folder: string): SteppedClock {
  const library = join(folder, 'stepped-clock.so')
  const file = join(folder, 'step')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source])
  const set = (milliseconds: number): void => {
    const nanoseconds = Buffer.alloc(8)
    nanoseconds.writeBigInt64LE(BigInt(milliseconds) * 1_000_000n)
    // The same file all the time: it is mapped.
    writeFileSync(file, nanoseconds, { flag: 'r+' })
  }
  writeFileSync(file, Buffer.alloc(8))
  return { environment: { LD_PRELOAD: library, FAIRLEAD_CLOCK_STEP: file }, set }
}
