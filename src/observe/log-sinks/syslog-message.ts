/** Longer ones are cut off: a datagram has to fit into one of the network's. */
const MOST_BYTES = 8_000

/** local7, as NGINX's own syslog has it. */
const FACILITY = 23

/** RFC 5424, 6.2.1; lines of the access log have none of their words. */
const SEVERITIES: Readonly<Record<string, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warn: 4,
  notice: 5,
  info: 6,
  debug: 7,
}

/** @param line one character per byte; its severity is that of NGINX's error log, else `info` */
export function syslogMessage(line: string, host: string, now: Date): Buffer {
  const level = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[([a-z]+)\] /.exec(line)?.[1] ?? 'info'
  const priority = FACILITY * 8 + (SEVERITIES[level] ?? 6)
  return Buffer.from(`<${priority}>${timeOf(now)} ${host} nginx: ${line}`.slice(0, MOST_BYTES), 'latin1')
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `Nov  6 08:09:10`, of the place where this runs (RFC 3164, 4.1.2). */
function timeOf(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':')
  return `${MONTHS[now.getMonth()] ?? ''} ${String(now.getDate()).padStart(2)} ${time}`
}
