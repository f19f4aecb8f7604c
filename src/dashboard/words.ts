/** Numbers and times as people read them. */

const whole = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function count(value: number): string {
  return Math.abs(value) >= 1_000_000 ? short.format(value) : whole.format(Math.round(value))
}

/** 1536 is `1.5 KiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let rest = value
  let unit = 0
  for (; rest >= 1024 && unit < units.length - 1; unit++) rest /= 1024
  return `${rest >= 100 || unit === 0 ? Math.round(rest) : rest.toFixed(1)} ${units[unit] ?? ''}`
}

/** From 0 to 1. */
export function percent(value: number): string {
  const hundredths = value * 100
  if (hundredths === 0 || hundredths === 100) return `${hundredths} %`
  return `${hundredths < 1 || hundredths > 99 ? hundredths.toFixed(2) : hundredths.toFixed(1)} %`
}

/** Of a time in seconds. */
export function duration(seconds: number): string {
  if (seconds === 0) return '0 ms'
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return seconds < 86_400
    ? `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
    : `${Math.floor(seconds / 86_400)} d ${Math.round((seconds % 86_400) / 3600)} h`
}

/** `2026-11-26 18:30:05`, in the time of this browser. */
export function moment(milliseconds: number): string {
  const date = new Date(milliseconds)
  if (Number.isNaN(date.getTime())) return 'no time'
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** How long before or after now, in its largest unit: `in 12 days`, `3 min ago`. */
export function fromNow(milliseconds: number, now: number): string {
  const seconds = Math.round((milliseconds - now) / 1000)
  const size = Math.abs(seconds)
  if (size < 5) return 'now'
  const text =
    size < 60
      ? `${size} s`
      : size < 3600
        ? `${Math.round(size / 60)} min`
        : size < 2 * 86_400
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} days`
  return seconds > 0 ? `in ${text}` : `${text} ago`
}

/** Whose view it is. With replicas each pod knows only of its own requests and its own NGINX. */
export function scopeOf({
  source,
  instance,
}: {
  readonly source: 'folder' | 'cluster'
  readonly instance: string
}): string {
  return source === 'cluster' ? `only this pod: ${instance}` : `this process, on ${instance}`
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
