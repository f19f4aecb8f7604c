import type { Command } from 'commander'
import pc from 'picocolors'
import { runWithMatches } from '../apply/engine/with-matches.js'
import { describeObject } from '../problems/problem.js'
import { explain, type Declared, type Explanation, type Question } from '../translate/explain.js'
import { addTranslationFlags, type TranslationFlags } from './flags.js'
import { withPatternEngine } from './pattern-engine.js'
import { failToRead, readManifests } from './read.js'

interface ExplainFlags extends TranslationFlags {
  readonly json?: boolean
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .argument('<url>', 'such as https://shop.example.com/cart/7')
    .description('say why a request goes where it goes')
    .requiredOption('--manifests <folder>', 'folder of manifests, or one file')
    .option('--json', 'print JSON for programs')
  addTranslationFlags(command).action(async (url: string, flags: ExplainFlags) => {
    const question = parseUrl(url)
    if (question === undefined)
      return failToRead(`${JSON.stringify(url)} is not a URL such as https://shop.example.com/cart/7`)
    const answer = await withPatternEngine(async (helper) => {
      const read = await readManifests(flags.manifests ?? '.', flags, helper)
      if (typeof read === 'string') return read
      return runWithMatches(helper, (match) => explain(read.translation, question, true, match))
    })
    if (typeof answer === 'string') return failToRead(answer)
    const { value: explanation } = answer
    const unsure = answer.ok ? undefined : unsureSentence(answer.cause)
    const text =
      flags.json === true ? `${JSON.stringify({ ...explanation, unsure }, null, 2)}\n` : print(explanation, unsure)
    process.stdout.write(text)
  })
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
  return `This host's paths are regular expressions, and no engine was there to match them; the answer is as if none matched. ${cause}`
}

function print(explanation: Explanation, unsure: string | undefined): string {
  const { outcome, request, host, route, competitors } = explanation
  const lines: string[] =
    unsure === undefined ? [headline(outcome)] : [pc.red('cannot be sure'), `  ${unsure}`, headline(outcome)]
  const row = (name: string, text: string): void => void lines.push(`  ${pc.dim(name.padEnd(10))} ${text}`)
  if (request !== undefined)
    row('request', `host ${request.host}, path ${JSON.stringify(request.path)} as NGINX understands it`)
  if (host !== undefined) row('host', `${host.name === '_' ? 'default server' : host.name} (${HOST_WORDS[host.how]})`)
  if (route !== undefined) row('path', `${route.path} (${PATH_WORDS[route.how]})`)
  if (route?.pattern !== undefined) {
    row('pattern', `${route.pattern} (any case)`)
    const groups = (route.groups ?? []).map((text, i) => `${i === 0 ? 'matched' : `$${i}`} ${JSON.stringify(text)}`)
    if (groups.length > 0) row('groups', groups.join(', '))
  }
  if (route?.from !== undefined) row('from', place(route.from))
  if (outcome.kind === 'proxy') {
    row('backend', outcome.backend)
    if (outcome.target !== undefined) row('rewritten', outcome.target)
    row('endpoints', outcome.endpoints.join(', '))
    row('choice', outcome.choice)
  }
  for (const { path, why, ...declared } of competitors) row('not taken', `${path} of ${place(declared)}: ${why}`)
  return `${lines.join('\n')}\n`
}

const HOST_WORDS = {
  exact: 'declared by name',
  wildcard: 'wildcard, for one label',
  default: 'no host of this name is declared',
} as const

const PATH_WORDS = {
  exact: 'Exact',
  prefix: 'longest Prefix',
  slash: 'Prefix written with a final slash, asked for without it',
  regex: 'regular expression, the first that matches',
  implicit: 'no path matches',
} as const

function headline(outcome: Explanation['outcome']): string {
  switch (outcome.kind) {
    case 'proxy':
      return pc.green(`goes to Service ${outcome.backend}`)
    case 'redirect':
      return pc.cyan(`is redirected (${outcome.status}) to ${outcome.location}`)
    case 'answer':
      return pc.yellow(`is answered with ${outcome.status}: ${outcome.reason}`)
    case 'refused':
      return pc.red(`is refused by NGINX with ${outcome.status}: ${outcome.reason}`)
  }
}

function place({ object, field, file, line }: Declared): string {
  return `${describeObject(object)}, ${field}${file === undefined ? '' : ` (${file}:${line ?? 0})`}`
}
