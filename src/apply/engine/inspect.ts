import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { factsOf, isAtLeast, OLDEST_VERSION } from '../../nginx/facts.js'
import { architectureOf } from './elf.js'
import { refused, type EngineResult, type Layout } from './engine.js'
import { findFirewall } from './firewall.js'
import type { LuaEngine } from './lua-frame.js'
import { probe } from './probe.js'
import { run } from './run.js'
import { parseBuildInfo, type BuildInfo } from './version.js'

/** Looks at one NGINX and starts it once; nothing is executed that was built for another architecture. */
export async function inspect(layout: Layout, architecture: string): Promise<EngineResult> {
  const unfit = await whyNotExecutable(layout, architecture)
  if (unfit !== undefined) return refused(unfit)

  const { stdout, stderr, failure } = await run(layout.command, ['-V'])
  const build = parseBuildInfo(stdout + stderr)
  if (build === undefined) {
    const why = failure === undefined ? 'does not answer -V as NGINX does' : `could not be started (${failure})`
    return refused(`${layout.binary} ${why}.`)
  }
  const name = `${build.product} ${build.version} (${layout.origin})`
  if (!isAtLeast(build.version, OLDEST_VERSION)) {
    return refused(`${name} is too old: ${OLDEST_VERSION} or newer is needed, for its directive "http2 on".`)
  }

  const modules = build.luaBuiltIn ? [] : await findLuaModules(layout, build)
  if (modules === undefined) {
    return refused(`${name} has no Lua module, neither built in nor in ${moduleFolders(layout, build).join(', ')}.`)
  }
  const { binary, command, luaPackagePath, luaPackageCpath, luajit } = layout
  const lua = { command, modules, luaPackagePath, luaPackageCpath }
  // With it at first, so that one start is enough where all is well.
  const headersMore = await findHeadersMoreModules(layout, build)
  const hasHeadersMore = headersMore !== undefined && (await loadsHeadersMore(lua, headersMore))
  const wrong = hasHeadersMore ? undefined : await probe(lua)
  if (wrong !== undefined) return refused(`${name} ${wrong}`)
  return {
    ok: true,
    engine: {
      binary,
      command,
      version: build.version,
      versionParts: build.version.split('.').map(Number),
      label: name,
      modules,
      streamModules: await findStreamModules(layout, build),
      headersMoreModules: hasHeadersMore ? headersMore : undefined,
      firewall: await findFirewall(layout, build, moduleFolders(layout, build)),
      luaPackagePath,
      luaPackageCpath,
      luajit,
      facts: factsOf(build.version, build),
    },
  }
}

/** The loader of a private engine is looked at as well as NGINX itself. */
async function whyNotExecutable({ binary, command }: Layout, architecture: string): Promise<string | undefined> {
  for (const file of new Set([binary, command[0] ?? binary])) {
    const found = await stat(file).catch(() => undefined)
    if (found === undefined) return `${file} does not exist.`
    if (!found.isFile()) return `${file} is not a file.`
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!executable) return `${file} is not executable.`
    const built = await architectureOf(file).catch(() => undefined)
    if (built !== undefined && built !== architecture) {
      return `${file} was built for another architecture (${built}; this machine is ${architecture}).`
    }
  }
  return undefined
}

/** The Lua module needs the development kit's loaded before it, unless it was built without. */
async function findLuaModules(layout: Layout, build: BuildInfo): Promise<readonly string[] | undefined> {
  for (const folder of moduleFolders(layout, build)) {
    const lua = join(folder, 'ngx_http_lua_module.so')
    const kit = join(folder, 'ndk_http_module.so')
    if (await isFile(lua)) return (await isFile(kit)) ? [kit, lua] : [lua]
  }
  return undefined
}

/** What the stream block needs; whether NGINX loads it is tried by who needs it. */
async function findStreamModules(layout: Layout, build: BuildInfo): Promise<readonly string[] | undefined> {
  for (const folder of moduleFolders(layout, build)) {
    const njs = join(folder, 'ngx_stream_js_module.so')
    const stream = join(folder, 'ngx_stream_module.so')
    if (!(await isFile(njs))) continue
    if (build.streamBuiltIn) return [njs]
    if (await isFile(stream)) return [stream, njs]
  }
  return undefined
}

async function findHeadersMoreModules(layout: Layout, build: BuildInfo): Promise<readonly string[] | undefined> {
  if (build.headersMoreBuiltIn) return []
  for (const folder of moduleFolders(layout, build)) {
    const file = join(folder, 'ngx_http_headers_more_filter_module.so')
    if (await isFile(file)) return [file]
  }
  return undefined
}

/** A module that was built for another NGINX is refused, and with it every frame that names it. */
async function loadsHeadersMore(lua: LuaEngine, files: readonly string[]): Promise<boolean> {
  const engine = { ...lua, modules: [...lua.modules, ...files] }
  return (await probe(engine, 'more_clear_headers Server;')) === undefined
}

/** A private engine has its own folder only: what is compiled into it names the system's. */
function moduleFolders(layout: Layout, { prefix, modulesPath }: BuildInfo): readonly string[] {
  if (layout.moduleFolders.length > 0) return layout.moduleFolders
  return [
    ...new Set([
      ...(modulesPath === undefined ? [] : [modulesPath]),
      ...(prefix === undefined ? [] : [join(prefix, 'modules')]),
      join(dirname(layout.binary), '..', 'modules'),
      '/usr/lib/nginx/modules',
      '/usr/lib64/nginx/modules',
      '/usr/share/nginx/modules',
    ]),
  ]
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true
}
