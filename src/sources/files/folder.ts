import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { causeOf, isGone, type Stamp, stampOf } from './read-file.js'

/** What lies below a folder. Paths begin with the folder as it was given. */
export interface Listing {
  /** Manifests in order of their path; hidden names (`..data`, `.git`) are left out, links are followed. */
  readonly files: readonly string[]
  /** The folder itself and every folder below it. */
  readonly folders: readonly string[]
  /** Folders that hold what a listed link leads to, with the paths of those links. */
  readonly linked: ReadonlyMap<string, readonly string[]>
  /** Links to what lies outside of the folder, with where they end; empty: nowhere at present. */
  readonly outward: ReadonlyMap<string, string>
  readonly unreadable: readonly { readonly folder: string; readonly cause: string }[]
}

/** `onFolder` is called for each folder before its names are read, so that a watch set up there misses nothing. */
export function listFolder(root: string, onFolder: (folder: string) => void = () => {}): Listing {
  const files: string[] = []
  const folders: string[] = []
  const linked = new Map<string, string[]>()
  const outward = new Map<string, string>()
  const realRoot = realPathOf(root)
  const unreadable: { folder: string; cause: string }[] = []

  const visit = (folder: string, above: readonly string[]): void => {
    const real = realPathOf(folder)
    // A link to a folder above would be followed for ever.
    if (real === undefined || above.includes(real)) return
    onFolder(folder)
    const entries = namesIn(folder, unreadable)
    if (entries === undefined) return
    folders.push(folder)
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      const kind = kindOf(path, entry)
      const end = entry.isSymbolicLink() ? (realPathOf(path) ?? '') : undefined
      if (end !== undefined && !end.startsWith(`${realRoot}${sep}`)) outward.set(path, end)
      if (kind === 'folder') visit(path, [...above, real])
      else if (kind === 'file' && isManifest(entry.name)) {
        files.push(path)
        if (entry.isSymbolicLink()) noteLink(linked, path)
      }
    }
  }
  visit(root, [])
  return { files: files.sort(byText), folders, linked, outward, unreadable }
}

export function isManifest(name: string): boolean {
  return !name.startsWith('.') && /\.(?:ya?ml|json)$/.test(name)
}

/** What stands at a path, links followed; `none` for what is neither folder nor file, or cannot be reached. */
export function inspect(path: string): { readonly kind: 'folder' | 'file' | 'none'; readonly stamp: Stamp } {
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) return { kind: 'folder', stamp: `${stat.dev} ${stat.ino}` }
    return { kind: stat.isFile() ? 'file' : 'none', stamp: stampOf(stat) }
  } catch {
    return { kind: 'none', stamp: '' }
  }
}

function kindOf(path: string, entry: Dirent): 'folder' | 'file' | 'none' {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? inspect(path).kind : 'none'
}

function namesIn(folder: string, unreadable: { folder: string; cause: string }[]): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (!isGone(error)) unreadable.push({ folder, cause: causeOf(error) })
    return undefined
  }
}

function noteLink(linked: Map<string, string[]>, path: string): void {
  const target = realPathOf(path)
  if (target === undefined) return
  const folder = dirname(target)
  linked.set(folder, [...(linked.get(folder) ?? []), path])
}

/** Where a path leads, all links followed; undefined: nowhere. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
