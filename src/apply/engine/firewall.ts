import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firewallRules, isWritable, type FirewallAbility, type FirewallFiles } from '../../nginx/firewall.js'
import type { Engine, Layout } from './engine.js'
import { run } from './run.js'
import type { BuildInfo } from './version.js'

/**
 * ModSecurity for NGINX, where its module or its rules lie; undefined if there is no module. Whether it loads is tried
 * by who needs it.
 */
export async function findFirewall(
  { root }: Pick<Layout, 'root'>,
  { firewallBuiltIn }: Pick<BuildInfo, 'firewallBuiltIn'>,
  moduleFolders: readonly string[],
): Promise<FirewallFiles | undefined> {
  const module = await firstFile(moduleFolders.map((folder) => join(folder, 'ngx_http_modsecurity_module.so')))
  if (module === undefined && !firewallBuiltIn) return undefined
  const setup = await firstFile([join(root, 'etc/modsecurity/crs/crs-setup.conf')])
  const folder = join(root, 'usr/share/modsecurity-crs/rules')
  const hasRules = (await firstFile([join(folder, 'REQUEST-949-BLOCKING-EVALUATION.conf')])) !== undefined
  const unicodeMap = await firstFile(['etc/nginx', 'etc/modsecurity'].map((at) => join(root, at, 'unicode.mapping')))
  const coreRules = setup !== undefined && hasRules ? { setup, folder } : undefined
  return { module: firewallBuiltIn ? undefined : module, coreRules, unicodeMap }
}

/**
 * What there is of a firewall once NGINX has loaded it, libraries, rules and all: a frame that names them must not be
 * refused for it. Where the core rules are at fault, it goes without them.
 */
export async function tryFirewall(engine: Engine): Promise<{
  readonly ability: FirewallAbility
  readonly files: FirewallFiles | undefined
}> {
  const { firewall } = engine
  const none = { ability: 'none', files: undefined } as const
  if (firewall === undefined || !isWritable(firewall)) return none
  if (firewall.coreRules !== undefined && (await loads(engine, firewall)))
    return { ability: 'with core rules', files: firewall }
  const bare = { ...firewall, coreRules: undefined }
  return (await loads(engine, bare)) ? { ability: 'bare', files: bare } : none
}

async function loads({ command, modules }: Engine, files: FirewallFiles): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-probe-'))
  try {
    const frame = join(folder, 'frame.conf')
    const rules = firewallRules(files).replace(/[\\"]/g, '\\$&')
    const load = [...modules, ...(files.module === undefined ? [] : [files.module])]
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path "${folder}";`,
    )
    await writeFile(
      frame,
      `${load.map((file) => `load_module "${file}";`).join('\n')}
pid "${folder}/pid";
events {}
http { access_log off; ${temporary.join(' ')} modsecurity_rules "${rules}"; }
`,
    )
    return (await run(command, ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', frame])).exitCode === 0
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() === true) return path
  }
  return undefined
}
