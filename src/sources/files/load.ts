import { createProblem } from '../../problems/create.js'
import type { Position, Problem } from '../../problems/problem.js'
import type { ProblemCode } from '../../problems/catalogue.js'
import type { KubernetesObject } from '../../snapshot/objects.js'
import { parseObject } from '../../snapshot/parse.js'
import { type FileItem, readItems } from './documents.js'
import { createFileSource } from './file-source.js'
import { MAX_FILE_BYTES, readFile, type Stamp } from './read-file.js'

/** What one file declares at present. */
export interface LoadedFile {
  readonly stamp: Stamp
  readonly objects: readonly LoadedObject[]
  readonly problems: readonly Problem[]
}

export interface LoadedObject {
  /** `Ingress shop/front`: equal for two declarations of the same object. */
  readonly key: string
  readonly digest: string
  readonly object: KubernetesObject
}

/**
 * Reads a file. Objects whose text did not change keep their identity; a file or an object with a mistake keeps the
 * last good version of what it declared. undefined when there is no such file.
 * Problems: `file/syntax`, `file/too-large`, `file/unreadable`, and those of `parseObject`.
 */
export function loadFile(
  file: string,
  previous: LoadedFile | undefined,
  onOtherKind: (kind: string, apiVersion: string) => void,
): LoadedFile | undefined {
  const found = readFile(file)
  if (found.kind === 'absent') return undefined
  if (found.kind === 'unreadable')
    return keep(file, previous, '', 'file/unreadable', `${file} could not be read: ${found.cause}.`)
  if (found.kind === 'too-large') {
    const size = `${file} has ${found.bytes} bytes; at most ${MAX_FILE_BYTES} (16 MiB) are read`
    return keep(file, previous, found.stamp, 'file/too-large', `${size}. Divide it into several files.`)
  }
  if (found.kind === 'not-utf8')
    return keep(file, previous, found.stamp, 'file/syntax', `${file} is not text in UTF-8.`)

  const items = readItems(file, found.text)
  if (items.ok) return loadItems(file, items.items, found.stamp, previous, onOtherKind)
  const problems = items.errors.map(({ message, line, column }) =>
    fileProblem(file, previous, 'file/syntax', `${oneLine(message)}.`, { file, line, column }),
  )
  return { stamp: found.stamp, objects: previous?.objects ?? [], problems }
}

function loadItems(
  file: string,
  items: readonly FileItem[],
  stamp: Stamp,
  previous: LoadedFile | undefined,
  onOtherKind: (kind: string, apiVersion: string) => void,
): LoadedFile {
  const before = previous?.objects ?? []
  const unchanged = new Map(before.map((loaded) => [loaded.digest, loaded]))
  const lastGoods = new Map(before.toReversed().map((loaded) => [loaded.key, loaded]))
  const objects: LoadedObject[] = []
  const problems: Problem[] = []
  for (const { value, document, item, digest } of items) {
    const same = unchanged.get(digest)
    const parsed = same === undefined ? parseObject(value, createFileSource(file, document, item)) : undefined
    if (same !== undefined) objects.push(same)
    if (parsed === undefined) continue
    problems.push(...parsed.problems)
    if (parsed.unknownKind) onOtherKind(parsed.kind, parsed.apiVersion)
    if (parsed.about === undefined) continue
    const key = keyOf(parsed.about.kind, parsed.about.namespace, parsed.about.name)
    const lastGood = lastGoods.get(key)
    if (parsed.object !== undefined) objects.push({ key, digest, object: parsed.object })
    // With a digest that no text has, so that the mended text is read even if it is what it was.
    else if (lastGood !== undefined) objects.push({ ...lastGood, digest: '' })
  }
  return { stamp, objects, problems }
}

export function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`
}

function keep(
  file: string,
  previous: LoadedFile | undefined,
  stamp: Stamp,
  code: ProblemCode,
  what: string,
): LoadedFile {
  const position = { file, line: 0, column: 0 }
  return { stamp, objects: previous?.objects ?? [], problems: [fileProblem(file, previous, code, what, position)] }
}

function fileProblem(
  file: string,
  previous: LoadedFile | undefined,
  code: ProblemCode,
  what: string,
  position: Position,
): Problem {
  const isKept = previous !== undefined && previous.objects.length > 0
  const message = isKept ? `${what} What the file declared before stays in force.` : what
  return createProblem(code, { kind: 'File', namespace: '', name: file }, '', message, position)
}

/** The parser ends some messages with a full stop and lets some run over several lines. */
function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').replace(/\.$/, '')
}
