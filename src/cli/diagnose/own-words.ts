import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import type { Engine } from '../../apply/engine/engine.js'
import { programFile } from '../../disk/program-folder.js'
import { sentencesIn, wordsIn } from '../../observe/diagnosis/vocabulary.js'

/** The bundle and what runs in NGINX. */
const CODE = ['dist/program', 'dist/lua', 'dist/streams'].map(programFile)

/**
 * What Fairlead and its NGINX say themselves: the words that a log may be shown with. Reads some megabytes, in pieces
 * between which others have their turn; a file that is as it was is not read again.
 */
export async function ownWords(
  engine: Pick<Engine, 'binary' | 'modules' | 'streamModules'> | undefined,
): Promise<readonly string[]> {
  const code = (await Promise.all(CODE.map(filesIn))).flat().filter((file) => /\.(?:js|lua)$/.test(file))
  const nginx = engine === undefined ? [] : [engine.binary, ...engine.modules, ...(engine.streamModules ?? [])]
  const words = new Set([...getSystemErrorMap().values()].flatMap(([name, sentence]) => wordsIn(`${name} ${sentence}`)))
  for (const file of code) for (const word of await wordsOfFile(file, wordsOfCode)) words.add(word)
  for (const file of nginx) for (const word of await wordsOfFile(file, wordsOfProgram)) words.add(word)
  return [...words]
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).map((name) => join(folder, name))
}

interface Known {
  readonly version: string
  readonly words: readonly string[]
}

const known = new Map<string, Known>()
const MOST_BYTES = 16 * 1024 * 1024
const PIECE_BYTES = 65_536

async function wordsOfFile(
  file: string,
  read: (file: string) => Promise<Iterable<string>>,
): Promise<readonly string[]> {
  try {
    const { size, mtimeMs, ino } = await stat(file)
    if (size > MOST_BYTES) return []
    const version = `${size} ${mtimeMs} ${ino}`
    const before = known.get(file)
    if (before?.version === version) return before.words
    const words = [...(await read(file))]
    known.set(file, { version, words })
    return words
  } catch {
    return []
  }
}

async function wordsOfCode(file: string): Promise<Iterable<string>> {
  return new Set(wordsIn(await readFile(file, 'utf8')).map(alone))
}

async function wordsOfProgram(file: string): Promise<Iterable<string>> {
  const words = new Set<string>()
  const add = (text: string): void => {
    for (const sentence of sentencesIn(text)) for (const word of wordsIn(sentence)) words.add(alone(word))
  }
  let rest = ''
  for await (const piece of createReadStream(file, { encoding: 'latin1', highWaterMark: PIECE_BYTES })) {
    const text = rest + String(piece)
    // A sentence may go on in the next piece; none is as long as one.
    const end = text.length > 2 * PIECE_BYTES ? text.length : endOfSentences(text)
    add(text.slice(0, end))
    rest = text.slice(end)
  }
  add(rest)
  return words
}

/** Where the printable text begins that the end of a piece cuts off. */
function endOfSentences(text: string): number {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) >= 0x20 && text.charCodeAt(end - 1) <= 0x7e) end--
  return end
}

/** A piece of a text keeps all of it alive. */
function alone(word: string): string {
  return Buffer.from(word, 'latin1').toString('latin1')
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
