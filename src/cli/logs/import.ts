import { digestOf, inspectLogFile, isOf, readLogFile, type FilePosition } from '../../observe/logs/log-file.js'
import { openTarget, type ImportTarget, type TargetFlags } from './import-target.js'
import { createProgress } from './progress.js'
import { formatOfFile } from './source.js'
import { fail, tellLosses } from './span.js'

export type ImportFlags = TargetFlags

/** `fairlead logs import`. What was read of a file before is not read again, also when it grew or has another name by now. */
export async function importLogs(paths: readonly string[], flags: ImportFlags): Promise<void> {
  const target = await openTarget(flags, (warning) => process.stderr.write(`fairlead: ${warning}\n`))
  if (typeof target === 'string') return fail(target)
  for (const path of paths) {
    const failure = await importFile(target, path, flags)
    if (failure === undefined) continue
    await target.close().catch(() => undefined)
    return fail(failure)
  }
  await target.close()
  const counts = target.counts()
  tellLosses({ ...counts, tooOld: target.tooOld() })
  if (counts.records === 0 && counts.unparsable > 0)
    fail('No line could be read; --format says how the lines are made.')
}

/** A sentence if there is no sense in going on. */
async function importFile(target: ImportTarget, path: string, flags: ImportFlags): Promise<string | undefined> {
  const file = inspectLogFile(path)
  if (typeof file === 'string') return file
  const { positions } = target
  const likely = flags.format === undefined ? formatOfFile(file) : undefined
  if (likely !== undefined) target.useFormat(likely)
  const index = positions.findIndex((position) => isOf(position, file))
  const start = positions[index]?.offset ?? 0
  const at = (offset: number): FilePosition => ({ head: digestOf(file), headBytes: file.head.length, offset })
  const place = index < 0 ? positions.length : index
  const keep = (offset: number): Promise<string | undefined> => {
    if (file.head.length > 0) positions[place] = at(offset)
    return target.keep(positions)
  }
  let offset = start
  let kept = start
  let failure: string | undefined
  const progress = createProgress(file)
  const before = target.counts().records
  const problem = await readLogFile(file, start, async (bytes, done) => {
    if (failure !== undefined) return
    target.read(bytes)
    offset += bytes.length
    progress.show(done, () => target.counts().records)
    if (offset - kept < target.keepEveryBytes) return
    kept = offset
    failure = await keep(offset - target.waiting())
  })
  if (failure === undefined) {
    target.end()
    failure = await keep(offset)
  }
  progress.end()
  if (failure !== undefined) return failure
  const again = start > 0 ? `, from byte ${start} on, where the last import ended` : ''
  process.stdout.write(`${path}: ${target.counts().records - before} requests${again}\n`)
  if (problem !== undefined) fail(problem)
  return undefined
}
