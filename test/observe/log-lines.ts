import { parseFormat } from '../../src/observe/logs/formats.js'

/** A line of ACK's format, which says everything; by default of one of three paths, at one second after the other. */
export function ackLine(
  i: number,
  {
    time = START + i * 1_000,
    path = `/p/${i % 3}?x=${i}`,
    status = i % 10 === 0 ? 503 : 200,
    client = `192.0.2.${i % 9}`,
    agent = AGENTS[i % AGENTS.length] ?? '',
    host = `h${i % 2}.test`,
    alternative = i % 7 === 0 ? 'ns-two-80' : '',
  } = {},
): string {
  const [, day = '', month = '', year = ''] = /^\w+, (\d+) (\w+) (\d+)/.exec(new Date(time).toUTCString()) ?? []
  const stamp = `${day}/${month}/${year}:${new Date(time).toISOString().slice(11, 19)} +0000`
  const upstream = i % 13 === 0 ? '- - - -' : `10.0.0.1:80 100 0.0${10 + (i % 80)} ${status}`
  return `${client} - [${client}] - - [${stamp}] "GET ${path} HTTP/1.1" ${status} ${i % 500} "-" "${agent}" 80 0.${100 + (i % 800)} [ns-one-80] ${upstream} id${i} ${host} [${alternative}]\n`
}

export const ackFormat = parseFormat('ack')

export const START = Date.UTC(2026, 10, 26, 12)

const AGENTS = [
  'curl/8.5.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
]
