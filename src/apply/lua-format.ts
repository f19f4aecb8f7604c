import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Digest of all Lua that NGINX will load, and of other code for it: 8 hexadecimal digits and a bar, the prefix of every
 * key of the table. A controller with other code reads and writes other keys, so old and new workers never meet each
 * other's documents.
 */
export function formatOf(luaFolder: string, ...others: readonly string[]): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(luaFolder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.lua')) hash.update(name).update(readFileSync(join(luaFolder, name)))
  }
  for (const file of others) hash.update(readFileSync(file))
  return `${hash.digest('hex').slice(0, 8)}.`
}
