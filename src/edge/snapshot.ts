import { find, slice } from '#bytes'
import { config } from './config.js'
import { applyRecords } from './records.js'

/**
 * Loads the table from the snapshot file, before NGINX accepts its first connection. The file begins with a line
 * `fairlead-table FORMAT MD5`, the digest being that of all bytes after the line; what does not fit is treated as absent.
 * Gives a sentence about what happened, for the log; undefined when there is no file.
 */
export function loadSnapshot(): string | undefined {
  const [file] = io.open(config().snapshot, 'rb')
  if (file === undefined) return undefined
  const text = file.read('*a') ?? ''
  file.close()
  const end = find(text, '\n', 0)
  const body = slice(text, end + 1, text.length)
  const expected = `fairlead-table ${config().format} ${ngx.md5(body)}`
  if (end < 0 || slice(text, 0, end) !== expected) return 'snapshot is damaged or of another format: treated as absent'
  const problem = applyRecords(body, 0, nothing)
  return problem === undefined ? 'table restored from snapshot' : `snapshot only partly restored: ${problem}`
}

function nothing(): void {
  // Nobody waits while the master initialises, so there is no reason to pause.
}
