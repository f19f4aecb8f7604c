import pc from 'picocolors'
import { pino } from 'pino'
import type { LogSink } from '../observe/tail.js'
import { createLineQueue } from './line-queue.js'

export type Level = 'debug' | 'info' | 'warn' | 'error'

export type Log = (level: Level, message: string) => void

const COLOURS = { debug: pc.dim, info: pc.cyan, warn: pc.yellow, error: pc.red } as const

/**
 * The controller's own log: a line of text for a person on a terminal, a line of JSON for a machine. It waits for no
 * reader; what could not be kept for one that has stopped is counted in a line of its own.
 */
export function createLog(sink: LogSink, style: 'text' | 'json', verbose: boolean): Log {
  const lines = createLineQueue(sink, { describeLoss })
  const print = style === 'json' ? printJson : printText
  return (level, message) => {
    if (level === 'debug' && !verbose) return
    lines.write(print(level, message))
  }

  function describeLoss(count: number): string {
    return print('warn', `${count} lines of this log were lost: nobody read it`)
  }
}

function printText(level: Level, message: string): string {
  const time = pc.dim(new Date().toISOString().slice(11, 23))
  return `${time} ${COLOURS[level](level.padEnd(5))} ${message}\n`
}

let written = ''
const logger = pino(
  {
    level: 'debug',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  },
  { write: (line: string) => void (written = line) },
)

function printJson(level: Level, message: string): string {
  logger[level](message)
  return written
}
