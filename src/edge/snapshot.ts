import { find, slice } from '#bytes'
import { config } from './config.js'
import { applyRecords } from './records.js'

/** Where the table of this NGINX came from when it started, or was reloaded. */
export type TableOrigin = 'memory' | 'snapshot' | 'none' | 'damaged snapshot' | 'part of a snapshot'

/**
 * Loads the table from the snapshot file, before NGINX accepts its first connection. The file begins with a line
 * `fairlead-table FORMAT MD5`, the digest being that of all bytes after the line; what does not fit is treated as absent.
 */
export function loadSnapshot(): TableOrigin {
  const [file] = io.open(config().snapshot, 'rb')
  if (file === undefined) return 'none'
  const text = file.read('*a') ?? ''
  file.close()
  const end = find(text, '\n', 0)
  const body = slice(text, end + 1, text.length)
  const expected = `fairlead-table ${config().format} ${ngx.md5(body)}`
  if (end < 0 || slice(text, 0, end) !== expected) {
    ngx.log(ngx.WARN, 'the snapshot of the table is damaged or of another format: treated as absent')
    return 'damaged snapshot'
  }
  const problem = applyRecords(body, 0, nothing)
  if (problem === undefined) return 'snapshot'
  ngx.log(ngx.ERR, 'only part of the table could be restored: ', problem)
  return 'part of a snapshot'
}

function nothing(): void {
  // Nobody waits while the master initialises, so there is no reason to pause.
}
