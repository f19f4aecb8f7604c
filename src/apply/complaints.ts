import { readFileSync } from 'node:fs'
import type { StateFolder } from './state-folder.js'

/** NGINX's first complaint, without its own prefix and the place in a file that nobody wrote. */
export function firstReason(cause: string): string {
  const line = cause.split('\n').find((one) => one.includes('[emerg]')) ?? cause
  return `${line.replace(/^.*\[emerg\] (?:\d+#\d+: )?/, '').replace(/ in \S+:\d+$/, '')}.`
}

/** The end of NGINX's error log, for a message. */
export function lastErrors(folder: StateFolder): string {
  try {
    const lines = readFileSync(folder.errorLog, 'utf8').trimEnd().split('\n')
    return `last words in ${folder.errorLog}: ${lines.slice(-3).join(' | ')}`
  } catch {
    return `see ${folder.errorLog}`
  }
}
