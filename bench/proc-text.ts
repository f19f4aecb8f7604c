/** Nanoseconds on the CPU: the first number of /proc/PID/schedstat. */
export function parseSchedstat(text: string): number {
  return Number(text.split(' ')[0])
}

/** Nanoseconds on the CPU by /proc/PID/stat, whose ticks are hundredths of a second. The name in it may hold anything. */
export function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000_000
}

/** Bytes of a field of /proc/PID/smaps_rollup: `Pss`, `Rss`. */
export function parseSmaps(text: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024
}

/** Connections accepted, in the answer of `stub_status`. */
export function parseAccepts(text: string): number {
  return Number(/^ (\d+) \d+ \d+/m.exec(text)?.[1] ?? Number.NaN)
}

/** Cores of a list as the kernel writes it: `0-2,5`. */
export function parseCores(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
}
