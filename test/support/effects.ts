import { factsOf } from '../../src/nginx/facts.js'
import { printConfig } from '../../src/nginx/print.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { type Translation, translate } from '../../src/translate/translate.js'
import { stateFolderAt } from '../../src/apply/state-folder.js'
import { createFramePrinter } from '../../src/cli/serve/frame-printer.js'
import { snapshotOf } from '../cases/world-of-case.js'

const print = createFramePrinter({
  flags: { httpPort: 8080, httpsPort: 8443, tableSize: 16 },
  folder: stateFolderAt('/state'),
  engine: {
    binary: '/engine/nginx',
    command: ['/engine/nginx'],
    version: '1.30.6',
    versionParts: [1, 30, 6],
    label: 'nginx 1.30.6',
    modules: [],
    streamModules: ['/engine/ngx_stream_module.so', '/engine/ngx_stream_js_module.so'],
    headersMoreModules: undefined,
    firewall: undefined,
    luaPackagePath: '/engine/lua/?.lua',
    luaPackageCpath: '/engine/lua/?.so',
    luajit: undefined,
    facts: factsOf('1.30.6'),
  },
  user: undefined,
  format: '0123abcd',
  lua: '/fairlead/lua',
  ipv6: true,
  streams: {
    modules: ['/engine/ngx_stream_module.so', '/engine/ngx_stream_js_module.so'],
    script: '/fairlead/njs.js',
    resolver: '127.0.0.1:10247',
  },
})

const STREAM_PORTS = [
  { protocol: 'tcp', port: 9000, fromProxy: true, toProxy: true },
  { protocol: 'udp', port: 9053, fromProxy: false, toProxy: false },
] as const

export interface Choices {
  /** The locations of profiles too, and not only what each profile is. */
  readonly whole?: boolean
}

/**
 * What becomes other where one world takes the place of another: lines of nginx.conf and of profiles, values of
 * documents, and what the controller goes by, each with a `-` or `+` and, if it is there more than once, how often.
 * Worlds that come to the same have none.
 */
export function effectBetween(
  before: readonly object[],
  after: readonly object[],
  { whole = false }: Choices = {},
): readonly string[] {
  const [old, young] = [linesOf(before, whole), linesOf(after, whole)]
  return [...onlyIn(old, young, '-'), ...onlyIn(young, old, '+')]
}

/** The ConfigMap that `--configmap` names by default. */
export function mainConfigMap(data: Readonly<Record<string, string>>): object {
  return { kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data }
}

/** Digests of what else is shown. */
const PROFILE_NAME = /\bp_[0-9a-f]{12}\b/
const DIGEST = /\b[0-9a-f]{16}\b/g

/** By line, how often it is there. */
function linesOf(objects: readonly object[], whole: boolean): ReadonlyMap<string, number> {
  const translation = translate(snapshotOf(objects), defaultTranslateOptions, {
    fallbackCertificate: { chain: 'chain', key: 'key' },
    now: 0,
  })
  const lines = new Map<string, number>()
  for (const line of [
    ...print({ ...translation.frame, streamPorts: STREAM_PORTS }, 1, whole ? translation.profiles : []).split('\n'),
    ...usedProfiles(translation).flatMap(({ directives }) => printConfig(directives).split('\n')),
    ...[...translation.documents].flatMap(([key, document]) => flat(document, key)),
    ...flat(ofController(translation), 'controller'),
    ...translation.problems.map(({ message }) => `problem: ${message}`),
  ]) {
    const text = line.trim().replaceAll(DIGEST, '…')
    if (text !== '' && text !== '}' && !PROFILE_NAME.test(text)) lines.set(text, (lines.get(text) ?? 0) + 1)
  }
  return lines
}

/** Some stand in every frame, used or not. */
function usedProfiles({ documents, profiles }: Translation): Translation['profiles'] {
  const lines = [...documents].flatMap(([key, document]) => flat(document, key))
  return profiles.filter(({ name }) => lines.some((line) => line.endsWith(`.profile = ${name}`)))
}

function ofController({ frame, settings: { value } }: Translation): object {
  const { reading, hostOwners, statusReaders, staples, namesRoutes, logsDefault, httpsRedirects } = value
  const { logTargets, spanExport } = frame
  const policy = reading.policy
  return {
    policy,
    hostOwners,
    statusReaders,
    staples,
    namesRoutes,
    logsDefault,
    httpsRedirects,
    logTargets,
    spanExport,
  }
}

/** A line for each value in it. */
function flat(value: unknown, path: string): readonly string[] {
  if (value === undefined || typeof value === 'function') return []
  if (value === null || typeof value !== 'object')
    return [`${path} = ${typeof value === 'string' ? value : JSON.stringify(value)}`]
  if (value instanceof Map || value instanceof Set) return flat([...value], path)
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}.${key}`))
}

function onlyIn(
  lines: ReadonlyMap<string, number>,
  others: ReadonlyMap<string, number>,
  sign: string,
): readonly string[] {
  return [...lines].flatMap(([line, count]) => {
    const more = count - (others.get(line) ?? 0)
    return more <= 0 ? [] : [`${sign} ${line}${more === 1 ? '' : `  (${more} times)`}`]
  })
}
