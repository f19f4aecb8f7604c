import type { Command } from 'commander'
import pc from 'picocolors'
import { runWithMatches } from '../apply/engine/with-matches.js'
import { describeObject } from '../problems/problem.js'
import { explain, type Explanation, type Question } from '../translate/explain.js'
import { toBytes } from '../translate/pathname.js'
import type { Declared } from '../translate/reference.js'
import { addTranslationFlags, type TranslationFlags } from './flags.js'
import { withPatternEngine } from './pattern-engine.js'
import { failToRead, readManifests } from './read.js'

interface ExplainFlags extends TranslationFlags {
  readonly json?: boolean
  readonly header?: readonly string[]
  readonly cookie?: readonly string[]
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .argument('<url>', 'such as https://shop.example.com/cart/7')
    .description('say why a request goes where it goes')
    .requiredOption('--manifests <folder>', 'folder of manifests, or one file')
    .option('--header <line>', 'request header such as "X-Canary: always" (repeatable)', collect)
    .option('--cookie <cookie>', 'cookie such as "canary=always" (repeatable)', collect)
    .option('--json', 'print JSON for programs')
  addTranslationFlags(command).action(async (url: string, flags: ExplainFlags) => {
    const question = parseUrl(url)
    if (question === undefined)
      return failToRead(`${JSON.stringify(url)} is not a URL such as https://shop.example.com/cart/7`)
    const headers = readHeaders(flags.header ?? [], flags.cookie ?? [])
    if (typeof headers === 'string') return failToRead(headers)
    const answer = await withPatternEngine(async (helper) => {
      const read = await readManifests(flags.manifests ?? '.', flags, helper)
      if (typeof read === 'string') return read
      return runWithMatches(helper, (match) => explain(read.translation, { ...question, headers }, true, match))
    })
    if (typeof answer === 'string') return failToRead(answer)
    const { value: explanation } = answer
    const unsure = answer.ok ? undefined : unsureSentence(answer.cause)
    const text =
      flags.json === true ? `${JSON.stringify({ ...explanation, unsure }, null, 2)}\n` : print(explanation, unsure)
    process.stdout.write(text)
  })
}

function collect(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one]
}

/** Headers as NGINX has them: lines of one name in one, in bytes. A text says which line is none. */
function readHeaders(lines: readonly string[], cookies: readonly string[]): Readonly<Record<string, string>> | string {
  const headers = new Map<string, string>()
  const add = (name: string, value: string): void => {
    const before = headers.get(name)
    const separator = name === 'cookie' ? '; ' : ', '
    headers.set(name, before === undefined ? toBytes(value) : `${before}${separator}${toBytes(value)}`)
  }
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      return `${JSON.stringify(line)} is not a header such as "X-Canary: always"`
    add(name.toLowerCase(), value)
  }
  for (const cookie of cookies) {
    if (!cookie.includes('=')) return `${JSON.stringify(cookie)} is not a cookie such as "canary=always"`
    add('cookie', cookie)
  }
  return Object.fromEntries(headers)
}

/** Takes a URL apart without changing a byte of it: what a browser would tidy up is what one wants explained. */
function parseUrl(text: string): Question | undefined {
  const parts = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(text)
  if (parts === null) return undefined
  const [, scheme = '', host = '', rest = ''] = parts
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host,
    target: rest.startsWith('/') ? rest : `/${rest}`,
  }
}

/** Without PCRE2 nobody can say what a regular expression matches. */
function unsureSentence(cause: string): string {
  return `Regular expressions have a say in this, and no engine was there to match them; the answer is as if none matched. ${cause}`
}

function print(explanation: Explanation, unsure: string | undefined): string {
  const { outcome, request, host, owner, route, access, split, competitors } = explanation
  const lines: string[] =
    unsure === undefined
      ? [headline(outcome, split)]
      : [pc.red('cannot be sure'), `  ${unsure}`, headline(outcome, split)]
  const row = (name: string, text: string): void => void lines.push(`  ${pc.dim(name.padEnd(10))} ${text}`)
  if (request !== undefined)
    row('request', `host ${request.host}, path ${JSON.stringify(request.path)} as NGINX understands it`)
  if (host !== undefined) row('host', `${host.name === '_' ? 'default server' : host.name} (${HOST_WORDS[host.how]})`)
  if (owner !== undefined) {
    row(
      'owner',
      `${owner.owners.length === 0 ? 'nobody' : `namespace ${owner.owners.join(', ')}`} (${owner.host} in host-owners)`,
    )
    for (const one of owner.withheld) row('not served', `${place(one)}: the host belongs to others`)
  }
  if (host?.pattern !== undefined) row('pattern', `${host.pattern} (any case)`)
  if (route !== undefined) row('path', `${route.path} (${PATH_WORDS[route.how]})`)
  if (route?.pattern !== undefined) {
    row('pattern', `${route.pattern} (any case)`)
    const groups = (route.groups ?? []).map((text, i) => `${i === 0 ? 'matched' : `$${i}`} ${JSON.stringify(text)}`)
    if (groups.length > 0) row('groups', groups.join(', '))
  }
  if (route?.from !== undefined) row('from', place(route.from))
  if (access !== undefined) {
    for (const [i, one] of access.always.entries()) row(i === 0 ? 'access' : '', `needs ${one}`)
    const word = access.needed === 'any' && access.checks.length > 1 ? 'one of: ' : 'needs '
    for (const [i, one] of access.checks.entries())
      row(
        i === 0 && access.always.length === 0 ? 'access' : '',
        `${i === 0 || word === 'needs ' ? word : '     or: '}${one}`,
      )
  }
  if (outcome.kind === 'proxy') {
    row('backend', outcome.backend)
    if (outcome.insteadOf !== undefined) row('', `the default-backend, since ${outcome.insteadOf} has no endpoint`)
    if (outcome.target !== undefined) row('rewritten', outcome.target)
    row('endpoints', outcome.endpoints.join(', '))
    row('choice', outcome.endpoint === undefined ? outcome.choice : `${outcome.choice}: ${outcome.endpoint}`)
  }
  if (split !== undefined) {
    const who = split.side === 'drawn' ? 'drawn each time' : split.side === 'main' ? 'not taken' : 'taken'
    row(split.by, `${split.alternative}, ${who}: ${split.why}`)
    if (split.from !== undefined) row('', place(split.from))
  }
  for (const { path, why, ...declared } of competitors) row('not taken', `${path} of ${place(declared)}: ${why}`)
  return `${lines.join('\n')}\n`
}

const HOST_WORDS = {
  exact: 'declared by name',
  wildcard: 'wildcard, for one label',
  pattern: 'a pattern of its aliases matches the name',
  default: 'no host of this name is declared',
} as const

const PATH_WORDS = {
  exact: 'Exact',
  prefix: 'longest Prefix',
  slash: 'Prefix written with a final slash, asked for without it',
  regex: 'regular expression, the first that matches',
  implicit: 'no path matches',
} as const

function headline(outcome: Explanation['outcome'], split: Explanation['split']): string {
  switch (outcome.kind) {
    case 'proxy':
      return pc.green(`goes to Service ${outcome.backend}${orTo(split)}`)
    case 'redirect':
      return pc.cyan(`is redirected (${outcome.status}) to ${outcome.location}`)
    case 'answer':
      return pc.yellow(`is answered with ${outcome.status}${pageFor(outcome.page)}: ${outcome.reason}`)
    case 'refused':
      return pc.red(`is refused by NGINX with ${outcome.status}: ${outcome.reason}`)
  }
}

/** ERR-1, ERR-7. */
function pageFor(page: string | undefined): string {
  if (page === undefined) return ''
  return page === 'nobody' ? ', for which nobody has a page, so 404' : `, for which ${page} has the page`
}

/** The other place where a weight draws. */
function orTo(split: Explanation['split']): string {
  if (split?.weight === undefined) return ''
  return `, and ${split.weight.weight} of ${split.weight.total} such requests to Service ${split.alternative}`
}

function place({ object, field, file, line }: Declared): string {
  return `${describeObject(object)}, ${field}${file === undefined ? '' : ` (${file}:${line ?? 0})`}`
}
