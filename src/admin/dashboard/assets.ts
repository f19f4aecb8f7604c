import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A file of the page. */
export interface Asset {
  readonly type: string
  readonly body: Buffer
  /** The same, compressed. */
  readonly compressed: Buffer
  readonly tag: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * The files of the page by their path (`/` is `index.html`), read once. What is asked for is looked up here and never becomes
 * a path of the disk.
 */
export function readAssets(folder: string): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const body = readFileSync(file)
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const path = `/${relative(folder, file).split(sep).join('/')}`
    assets.set(path === '/index.html' ? '/' : path, { type, body, compressed: gzipSync(body), tag })
  }
  return assets
}
