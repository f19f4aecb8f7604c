const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * Reads a time of the log as milliseconds; NaN if it is none. Lines of one second have one text, which is read once.
 * Source: ngx_http_log_module, $time_local, $time_iso8601, $msec.
 */
export function createTimeReader(kind: 'time_local' | 'time_iso8601' | 'msec'): (text: string) => number {
  if (kind === 'msec') return (text) => (/^\d{1,12}\.\d{3}$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN)
  const read = kind === 'time_local' ? readLocal : readIso
  let last = ''
  let time = Number.NaN
  return (text) => {
    if (text === last) return time
    last = text
    time = read(text)
    return time
  }
}

function readLocal(text: string): number {
  const [, day, month = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] =
    /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text) ?? []
  const index = MONTHS.indexOf(month)
  if (index < 0) return Number.NaN
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000
  const local = Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second))
  return sign === '-' ? local + zone : local - zone
}

function readIso(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$/.test(text) ? Date.parse(text) : Number.NaN
}
