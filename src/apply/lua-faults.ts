import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'

/**
 * Faults of our own code in NGINX, which refuses the request that it was asked about (503) and writes why into its
 * error log.
 */
export interface LuaFaults {
  /** Reads what was written since; to be called now and then. Whether there are other problems now. */
  look(now: number): boolean
  /** A problem for each reason of late. The same list while it has the same. */
  problems(): readonly Problem[]
}

/** A reason is gone so long after it was seen last. */
const REMEMBERED_MILLISECONDS = 600_000
const MOST_REASONS = 5
/** What is read at once: of a flood of lines the end will do. */
const MOST_BYTES = 256 * 1024

/** @param path NGINX's error log; what is in it already is not looked at */
export function followLuaFaults(path: string): LuaFaults {
  const seen = new Map<string, number>()
  let shown: readonly string[] = []
  let problems: readonly Problem[] = []
  let place = placeIn(path)
  return {
    look(now) {
      const { text, next } = readFrom(path, place)
      place = next
      for (const [reason, last] of seen) if (now - last > REMEMBERED_MILLISECONDS) seen.delete(reason)
      for (const reason of faultsIn(text)) if (seen.has(reason) || seen.size < MOST_REASONS) seen.set(reason, now)
      if (seen.size === shown.length && shown.every((reason) => seen.has(reason))) return false
      shown = [...seen.keys()]
      problems = shown.map(problemOf)
      return true
    },
    problems: () => problems,
  }
}

function problemOf(reason: string): Problem {
  const message = `The Lua of NGINX failed: ${reason}. A request that it was asked about was refused with 503. This is a fault of Fairlead: report it, with the file that \`fairlead diagnose\` writes.`
  return createProblem('nginx/lua-fault', { kind: 'NGINX', namespace: '', name: 'lua' }, '', message)
}

/**
 * lua-nginx-module: a phase that may wait is a thread, others are run. From the beginning of the line: further on in
 * one there is what clients send.
 */
const FAULT =
  /^\S+ \S+ \[\w+\] \d+#\d+: (?:\*\d+ )?(?:lua entry thread aborted: (?:runtime|memory allocation) error: |failed to run \w+_by_lua\*: )(.*)/gm

/** The reasons of faults in the text of an error log, in order. */
export function faultsIn(text: string): readonly string[] {
  return [...text.matchAll(FAULT)].map(([, reason = '']) => reason.replace(/^\S*\/(?=[^/]*:\d+: )/, '').slice(0, 200))
}

interface Place {
  readonly file: number
  readonly offset: number
}

function placeIn(path: string): Place {
  return readFrom(path, { file: -1, offset: Number.MAX_SAFE_INTEGER }).next
}

/** Whole lines; the file may have been put aside, and another be in its place. */
function readFrom(path: string, { file, offset }: Place): { readonly text: string; readonly next: Place } {
  let open: number | undefined
  try {
    open = openSync(path, 'r')
    const { ino, size } = fstatSync(open)
    const isOther = file !== -1 && (ino !== file || size < offset)
    const from = Math.max(Math.min(isOther ? 0 : offset, size), size - MOST_BYTES)
    const bytes = Buffer.alloc(size - from)
    const text = bytes.subarray(0, readSync(open, bytes, 0, bytes.length, from)).toString('latin1')
    const end = text.lastIndexOf('\n') + 1
    return { text: text.slice(0, end), next: { file: ino, offset: from + end } }
  } catch {
    return { text: '', next: { file, offset: file === -1 ? 0 : offset } }
  } finally {
    if (open !== undefined) closeSync(open)
  }
}
