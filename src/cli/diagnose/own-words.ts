import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getSystemErrorMap } from 'node:util'
import type { Engine } from '../../apply/engine/engine.js'
import { sentencesIn } from '../../observe/diagnosis/vocabulary.js'

const PROGRAM = fileURLToPath(new URL('../..', import.meta.url))

/** What Fairlead and its NGINX say themselves: the words that a log may be shown with. Reads a few megabytes. */
export function ownWords(engine: Pick<Engine, 'binary' | 'modules' | 'streamModules'> | undefined): readonly string[] {
  const code = readdirSync(PROGRAM, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:js|lua)$/.test(name) && !name.startsWith('dashboard'))
    .map((name) => readFileSync(join(PROGRAM, name), 'utf8'))
  const system = [...getSystemErrorMap().values()].map(([name, sentence]) => `${name} ${sentence}`)
  const nginx = engine === undefined ? [] : [engine.binary, ...engine.modules, ...(engine.streamModules ?? [])]
  return [...code, ...system, ...nginx.flatMap((file) => sentencesIn(readSome(file)))]
}

const MOST_BYTES = 16 * 1024 * 1024

function readSome(file: string): string {
  try {
    return statSync(file).size > MOST_BYTES ? '' : readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

/** The last lines of a file, whole ones; empty where there is none. */
export function lastLines(file: string, mostBytes: number): readonly string[] {
  try {
    const { size } = statSync(file)
    const bytes = Buffer.alloc(Math.min(size, mostBytes))
    const descriptor = openSync(file, 'r')
    try {
      readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    } finally {
      closeSync(descriptor)
    }
    const lines = bytes.toString('latin1').split('\n')
    return lines.slice(size > bytes.length ? 1 : 0).filter((line) => line !== '')
  } catch {
    return []
  }
}
