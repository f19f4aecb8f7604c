import pc from 'picocolors'
import { pino } from 'pino'
import type { LogSink } from '../observe/tail.js'

export type Level = 'debug' | 'info' | 'warn' | 'error'

export type Log = (level: Level, message: string) => void

const COLOURS = { debug: pc.dim, info: pc.cyan, warn: pc.yellow, error: pc.red } as const

/** The controller's own log: a line of text for a person on a terminal, a line of JSON for a machine. */
export function createLog(sink: LogSink, style: 'text' | 'json', verbose: boolean): Log {
  if (style === 'json') {
    const logger = pino(
      {
        level: verbose ? 'debug' : 'info',
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
      },
      { write: (line: string) => void sink.write(Buffer.from(line)) },
    )
    return (level, message) => logger[level](message)
  }
  return (level, message) => {
    if (level === 'debug' && !verbose) return
    const time = pc.dim(new Date().toISOString().slice(11, 23))
    sink.write(Buffer.from(`${time} ${COLOURS[level](level.padEnd(5))} ${message}\n`))
  }
}
