import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { isAtLeast } from '../../nginx/facts.js'
import { WAY_OUT, refused, type EngineResult, type Layout } from './engine.js'
import { inspect } from './inspect.js'
import { installedLayout, privateLayout, readManifest } from './layout.js'

export interface FindOptions {
  /** `--nginx`: an NGINX program, or a folder that engine/fetch made. Goes before FAIRLEAD_NGINX. */
  readonly explicit?: string | undefined
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** In Node's words: "x64". */
  readonly architecture?: string
  /** Looked at after the PATH: on Debian they are not on an ordinary user's. */
  readonly systemFolders?: readonly string[]
}

/**
 * Finds NGINX with the Lua module: the one that is named; else the one in the private folder; else `openresty` or `nginx` on
 * the PATH. One that is named, or was fetched, and does not work is an error: nothing else is taken silently in its place.
 */
export async function findEngine(options: FindOptions = {}): Promise<EngineResult> {
  const { environment = process.env, architecture = process.arch } = options
  const named = options.explicit ?? nonEmpty(environment['FAIRLEAD_NGINX'])
  if (named !== undefined) return findNamed(resolve(named), architecture)
  const fetched = (await fetchedPrefixes(environment))[0]
  if (fetched !== undefined) return inspectPrefix(fetched, architecture)
  const path = (environment['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'))
  const { systemFolders = ['/usr/local/sbin', '/usr/sbin'] } = options
  return findInstalled([...new Set([...path, ...systemFolders])], architecture)
}

/**
 * The prefixes that engine/fetch made, the newest NGINX first; only the one of FAIRLEAD_ENGINE_SUITE if that is set.
 * Their folder is FAIRLEAD_ENGINE_DIR, by default fairlead/engine in the user's cache folder (XDG_CACHE_HOME).
 */
export async function fetchedPrefixes(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const home = nonEmpty(environment['HOME']) ?? homedir()
  const cache = nonEmpty(environment['XDG_CACHE_HOME']) ?? join(home, '.cache')
  const base = resolve(nonEmpty(environment['FAIRLEAD_ENGINE_DIR']) ?? join(cache, 'fairlead/engine'))
  const suite = nonEmpty(environment['FAIRLEAD_ENGINE_SUITE'])
  // Folders that are still being filled begin with a dot.
  const names = (await readdir(base).catch(() => [])).filter((name) => !name.startsWith('.')).sort()
  const found: { readonly prefix: string; readonly version: string }[] = []
  for (const name of names) {
    const prefix = join(base, name)
    const manifest = await readManifest(prefix)
    if (manifest !== undefined && (suite ?? manifest.suite) === manifest.suite) {
      found.push({ prefix, version: manifest.nginx })
    }
  }
  return found
    .sort((a, b) => (isAtLeast(a.version, b.version) ? (isAtLeast(b.version, a.version) ? 0 : -1) : 1))
    .map(({ prefix }) => prefix)
}

/** A prefix made by engine/fetch. */
export async function inspectPrefix(prefix: string, architecture: string): Promise<EngineResult> {
  const layout = await layoutOfPrefix(prefix, architecture)
  if (layout === undefined) return refused(`${prefix} is not a folder made by engine/fetch.`)
  return inspect(layout, architecture)
}

async function findNamed(path: string, architecture: string): Promise<EngineResult> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => cause)
  if (found instanceof Error)
    return refused(
      found.code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be looked at (${found.message}).`,
    )
  const prefix = found.isDirectory() ? path : join(dirname(path), '../..')
  const layout = await layoutOfPrefix(prefix, architecture)
  if (layout !== undefined && (found.isDirectory() || layout.binary === path)) return inspect(layout, architecture)
  if (found.isDirectory()) return refused(`${path} is a folder, but not one made by engine/fetch.`)
  return inspect(await installedLayout(path, architecture), architecture)
}

async function layoutOfPrefix(prefix: string, architecture: string): Promise<Layout | undefined> {
  const manifest = await readManifest(prefix)
  return manifest === undefined ? undefined : privateLayout(prefix, manifest, architecture)
}

async function findInstalled(folders: readonly string[], architecture: string): Promise<EngineResult> {
  let first: EngineResult | undefined
  for (const name of ['openresty', 'nginx']) {
    for (const folder of folders) {
      const file = join(folder, name)
      if ((await stat(file).catch(() => undefined))?.isFile() !== true) continue
      const result = await inspect(await installedLayout(file, architecture), architecture)
      if (result.ok) return result
      first ??= result
    }
  }
  return first ?? { ok: false, message: `No NGINX with the Lua module was found. ${WAY_OUT}` }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
