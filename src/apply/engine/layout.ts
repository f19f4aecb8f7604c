import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tripletOf } from './elf.js'
import type { Layout } from './engine.js'

/** Debian's place of the dynamic loader, by architecture. */
const loaders: Readonly<Record<string, string>> = {
  x64: 'usr/lib64/ld-linux-x86-64.so.2',
  arm64: 'usr/lib/ld-linux-aarch64.so.1',
}

/** What is read of the manifest that engine/fetch leaves in its prefix. */
export interface Manifest {
  readonly suite: string
  readonly nginx: string
}

/** The manifest of a prefix; undefined if there is none: then the folder was not made, or not finished, by engine/fetch. */
export async function readManifest(prefix: string): Promise<Manifest | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(prefix, 'manifest.json'), 'utf8'))
    if (typeof manifest !== 'object' || manifest === null) return undefined
    if (!('suite' in manifest) || !('nginx' in manifest)) return undefined
    const { suite, nginx } = manifest
    return typeof suite === 'string' && typeof nginx === 'string' ? { suite, nginx } : undefined
  } catch {
    return undefined
  }
}

/** A prefix made by engine/fetch: its own loader starts it, and it finds all its libraries in its own folder. */
export function privateLayout(prefix: string, { suite }: Manifest, architecture: string): Layout {
  const triplet = tripletOf(architecture) ?? architecture
  const libraries = join(prefix, 'usr/lib', triplet)
  const start = [join(prefix, loaders[architecture] ?? 'usr/lib/ld.so'), '--library-path', libraries]
  const binary = join(prefix, 'usr/sbin/nginx')
  const luaPackagePath = join(prefix, 'usr/share/lua/5.1/?.lua')
  const luaPackageCpath = join(libraries, 'lua/5.1/?.so')
  const luajitLibrary = join(prefix, 'usr/share/luajit-2.1/?.lua')
  return {
    binary,
    root: prefix,
    command: [...start, binary],
    moduleFolders: [join(prefix, 'usr/lib/nginx/modules')],
    luaPackagePath,
    luaPackageCpath,
    luajit: [
      '/usr/bin/env',
      `LUA_PATH=${luaPackagePath};${luajitLibrary};;`,
      `LUA_CPATH=${luaPackageCpath};;`,
      ...start,
      join(prefix, 'usr/bin/luajit'),
    ],
    origin: `Debian ${suite}, private folder ${prefix}`,
  }
}

/** An NGINX or OpenResty that somebody installed: it is started as it is. */
export async function installedLayout(file: string, architecture: string): Promise<Layout> {
  // openresty on the PATH is a link to <root>/nginx/sbin/nginx.
  const binary = await realpath(file).catch(() => file)
  const root = join(dirname(binary), '../..')
  const triplet = tripletOf(architecture) ?? architecture
  const luaFolders = [join(root, 'lualib'), '/usr/share/lua/5.1', '/usr/local/share/lua/5.1']
  const nativeFolders = [
    join(root, 'lualib'),
    `/usr/lib/${triplet}/lua/5.1`,
    '/usr/lib64/lua/5.1',
    '/usr/lib/lua/5.1',
    '/usr/local/lib/lua/5.1',
  ]
  return {
    binary,
    root: '/',
    command: [binary],
    moduleFolders: [],
    luaPackagePath: luaFolders.map((folder) => `${folder}/?.lua`).join(';'),
    luaPackageCpath: nativeFolders.map((folder) => `${folder}/?.so`).join(';'),
    luajit: undefined,
    origin: binary,
  }
}
