import { closeSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs'
import { type StateFolder, UNWRITTEN_WAY_OUT } from './state-folder.js'

/** NGINX's first complaint, without its own prefix and the place in a file that nobody wrote. */
export function firstReason(cause: string): string {
  const line = cause.split('\n').find((one) => one.includes('[emerg]')) ?? cause
  return `${line.replace(/^.*\[emerg\] (?:\d+#\d+: )?/, '').replace(/ in \S+:\d+$/, '')}.`
}

/** More than three lines have. */
const END_BYTES = 16_384

/** The end of NGINX's error log, for a message. */
export function lastErrors(folder: StateFolder): string {
  try {
    const lines = readEnd(folder.errorLog).trimEnd().split('\n')
    // Where it could not write a word, it could write nothing else either.
    if (statfsSync(folder.root).bavail === 0) return `the disk of ${folder.root} is full (ENOSPC); ${UNWRITTEN_WAY_OUT}`
    return `last words in ${folder.errorLog}: ${lines.slice(-3).join(' | ')}`
  } catch {
    return `see ${folder.errorLog}`
  }
}

function readEnd(path: string): string {
  const file = openSync(path, 'r')
  try {
    const from = Math.max(0, fstatSync(file).size - END_BYTES)
    const bytes = Buffer.alloc(END_BYTES)
    return bytes.subarray(0, readSync(file, bytes, 0, END_BYTES, from)).toString('utf8')
  } finally {
    closeSync(file)
  }
}
