/** What of an engine it takes to start it with its Lua module. */
export interface LuaEngine {
  readonly command: readonly string[]
  readonly modules: readonly string[]
  readonly luaPackagePath: string
  readonly luaPackageCpath: string
}

/**
 * A frame that listens nowhere, for NGINX as an interpreter of Lua: `init` runs while it initialises, and has to end the
 * process. `folder` is for what NGINX insists on having a place for; `http` is directives for its block of that name.
 * `nginx -t` would not do: it does not run `init_by_lua`.
 */
export function luaFrame(folder: string, engine: LuaEngine, http: string, init: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `${engine.modules.map((file) => `load_module "${file}";`).join('\n')}
daemon off;
pid "${folder}/pid";
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path "${folder}/${name}";`).join('\n  ')}
  lua_package_path "${engine.luaPackagePath};;";
  lua_package_cpath "${engine.luaPackageCpath};;";
  ${http}
  init_by_lua_block {${init}
  }
}
`
}

/** Arguments for the frame in `file`; errors go to stderr. */
export function luaFrameArguments(folder: string, file: string): readonly string[] {
  return ['-p', folder, '-e', 'stderr', '-c', file]
}
