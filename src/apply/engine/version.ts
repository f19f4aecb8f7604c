/** What `nginx -V` tells. */
export interface BuildInfo {
  readonly product: 'nginx' | 'openresty'
  /** NGINX's version: OpenResty adds one number of its own, which is left out. */
  readonly version: string
  readonly luaBuiltIn: boolean
  readonly threads: boolean
  readonly debug: boolean
  readonly http3: boolean
  /** The stream module, without a file of its own. */
  readonly streamBuiltIn: boolean
  /** ModSecurity, likewise. */
  readonly firewallBuiltIn: boolean
  readonly headersMoreBuiltIn: boolean
  /** `--prefix` and `--modules-path` as they were compiled in. */
  readonly prefix: string | undefined
  readonly modulesPath: string | undefined
}

/** Reads the output of `nginx -V`; undefined if it is not NGINX's. */
export function parseBuildInfo(output: string): BuildInfo | undefined {
  const found = /nginx version: (nginx|openresty)\/(\d+\.\d+\.\d+)/.exec(output)
  if (found?.[2] === undefined) return undefined
  return {
    product: found[1] === 'openresty' ? 'openresty' : 'nginx',
    version: found[2],
    luaBuiltIn: /--add-module=\S*(?:ngx_lua|lua-nginx-module)/.test(output),
    threads: /\s--with-threads(\s|$)/.test(output),
    debug: /\s--with-debug(\s|$)/.test(output),
    http3: /\s--with-http_v3_module(\s|$)/.test(output),
    streamBuiltIn: /\s--with-stream(\s|$)/.test(output),
    firewallBuiltIn: /--add-module=\S*modsecurity/i.test(output),
    headersMoreBuiltIn: /--add-module=\S*headers-more/.test(output),
    prefix: argument(output, 'prefix'),
    modulesPath: argument(output, 'modules-path'),
  }
}

function argument(output: string, name: string): string | undefined {
  return new RegExp(`\\s--${name}=(\\S+)`).exec(output)?.[1]
}
