import type { EngineFacts } from '../../nginx/facts.js'
import type { FirewallFiles } from '../../nginx/firewall.js'

/** An NGINX with the Lua module that was started once and answered. All paths are absolute. */
export interface Engine {
  readonly binary: string
  /** What to start it with, arguments of NGINX follow; begins with the loader if the engine brings its own libraries. */
  readonly command: readonly string[]
  /** NGINX's own version, also for OpenResty: "1.30.6". */
  readonly version: string
  readonly versionParts: readonly number[]
  /** For people: "nginx 1.30.6 (Debian forky, private folder …)". */
  readonly label: string
  /** Files for `load_module`, in this order; empty if the Lua module is built in. */
  readonly modules: readonly string[]
  /** Files of the stream module and of njs, in this order; undefined if it has not both. */
  readonly streamModules: readonly string[] | undefined
  /**
   * Files of the headers-more module for load_module: none where it is built in; undefined if there is no such module.
   * Loaded before `modules`, it would act on an answer after Lua did, and clear what Lua set.
   */
  readonly headersMoreModules: readonly string[] | undefined
  /** ModSecurity; undefined if there is none. */
  readonly firewall: FirewallFiles | undefined
  /** Where the engine's own Lua libraries lie, as a part of Lua's search path; the place of ours comes before it. */
  readonly luaPackagePath: string
  readonly luaPackageCpath: string
  /** The engine's own LuaJIT with its libraries on the path, for tests; undefined if it has none as a program. */
  readonly luajit: readonly string[] | undefined
  readonly facts: EngineFacts
}

/** `message`: one sentence about what is wrong and the way out. */
export type EngineResult =
  | { readonly ok: true; readonly engine: Engine }
  | { readonly ok: false; readonly message: string }

/** Where the parts of an engine are, before any of it was started. */
export interface Layout {
  readonly binary: string
  /** What stands before etc and usr of the packages that it came from. */
  readonly root: string
  readonly command: readonly string[]
  /** Folders in which loadable modules may be, beside those that NGINX names itself. */
  readonly moduleFolders: readonly string[]
  readonly luaPackagePath: string
  readonly luaPackageCpath: string
  readonly luajit: readonly string[] | undefined
  /** In parentheses after the version. */
  readonly origin: string
}

export const WAY_OUT =
  'Run "make engine" to fetch one, install OpenResty or NGINX with its Lua module, or name another with --nginx or FAIRLEAD_NGINX.'

export function refused(what: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message: `${what} ${WAY_OUT}` }
}
