import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are missing, each with the mode; gives the first that was made, undefined
 * where all were there. Throws what the file system says.
 *
 * `mkdirSync` with `recursive` never comes back where a folder above is there and takes none: the working folder or the
 * root was removed under the process, or what was mounted there was. It asks for the two by turns, some 40,000 times a
 * second (seen with Node 20.20; MKDirpSync of node_file.cc).
 */
export function makeFolders(path: string, mode = 0o777): string | undefined {
  try {
    return makeOne(path, mode)
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT' || dirname(path) === path) throw cause
  }
  const first = makeFolders(dirname(path), mode)
  const last = makeOne(path, mode)
  return first ?? last
}

function makeOne(path: string, mode: number): string | undefined {
  try {
    mkdirSync(path, { mode })
    return path
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST' && statSync(path).isDirectory()) return undefined
    throw cause
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
