/** A line of the usual format, of which there are 500 a second. */
export function lineOf(i: number): string {
  const second = Math.floor(i / 500)
  return timedLine(i, Date.UTC(2026, 10, 26, 0, 0, second))
}

/** The same at another time, in milliseconds. */
export function timedLine(i: number, milliseconds: number): string {
  const [, day = '', month = ''] = /^\w+, (\d+) (\w+) /.exec(new Date(milliseconds).toUTCString()) ?? []
  const time = `${day}/${month}/${new Date(milliseconds).toISOString().slice(0, 4)}:${new Date(milliseconds).toISOString().slice(11, 19)} +0000`
  const agent = AGENTS[i % AGENTS.length] ?? ''
  const client = `10.${i % 7}.${(i * 31) % 200}.${(i * 17) % 250}`
  const request = `GET /p/${(i * 7_919) % 20_011}?x=${i} HTTP/1.1`
  return `${client} - - [${time}] "${request}" ${i % 50 === 0 ? 500 : 200} ${i % 5_000} "-" "${agent}" 120 0.0${10 + (i % 90)} [default-shop${i % 40}-80] [] 10.1.1.1:80 ${i % 5_000} 0.0${10 + (i % 90)} 200 ${i.toString(16).padStart(32, '0')}\n`
}

const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  'curl/8.5.0',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
]
