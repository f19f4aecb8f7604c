import type { Command } from 'commander'
import pc from 'picocolors'
import { describeObject } from '../problems/problem.js'
import { explain, type Declared, type Explanation, type Question } from '../translate/explain.js'
import { addTranslationFlags, type TranslationFlags } from './flags.js'
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
    const read = await readManifests(flags.manifests ?? '.', flags)
    if (typeof read === 'string') return failToRead(read)
    const explanation = explain(read.translation, question, true)
    process.stdout.write(flags.json === true ? `${JSON.stringify(explanation, null, 2)}\n` : print(explanation))
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

function print(explanation: Explanation): string {
  const { outcome, request, host, route, competitors } = explanation
  const lines: string[] = [headline(outcome)]
  const row = (name: string, text: string): void => void lines.push(`  ${pc.dim(name.padEnd(10))} ${text}`)
  if (request !== undefined)
    row('request', `host ${request.host}, path ${JSON.stringify(request.path)} as NGINX understands it`)
  if (host !== undefined) row('host', `${host.name === '_' ? 'default server' : host.name} (${HOST_WORDS[host.how]})`)
  if (route !== undefined) row('path', `${route.path} (${PATH_WORDS[route.how]})`)
  if (route?.from !== undefined) row('from', place(route.from))
  if (outcome.kind === 'proxy') {
    row('backend', outcome.backend)
    row('endpoints', outcome.endpoints.join(', '))
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
