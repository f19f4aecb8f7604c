/** A size in bytes, as NGINX writes it: `10m`, `4k`, `1000`. Source: "Configuration file measurement units". */
export function size(bytes: number): string {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error(`not a size: ${bytes}`)
  if (bytes !== 0 && bytes % MEGABYTE === 0) return `${bytes / MEGABYTE}m`
  if (bytes !== 0 && bytes % KILOBYTE === 0) return `${bytes / KILOBYTE}k`
  return String(bytes)
}

const KILOBYTE = 1024
const MEGABYTE = 1024 * 1024

/** A time in whole seconds: `75s`. Some directives know no fractions of a second. */
export function seconds(count: number): string {
  if (!Number.isSafeInteger(count) || count < 0) throw new Error(`not a time in whole seconds: ${count}`)
  return `${count}s`
}

/** A switch. */
export function onOff(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off'
}
