import type { Command } from 'commander'
import pc from 'picocolors'
import { runWithMatches } from '../apply/engine/with-matches.js'
import { unsureSentence, wordsOf } from '../controller/views/explanation-words.js'
import type { ExplanationWords } from '../observe/shown.js'
import { explain } from '../translate/explain.js'
import { type AskedQuestion, parseQuestion } from '../translate/question.js'
import { askAdmin } from './ask-admin.js'
import { type FoundRequest, findLoggedRequest, readLoggedRequest } from './explain-request.js'
import { printRecord } from './logs/find.js'
import { addTranslationFlags, parsePort, type TranslationFlags } from './flags.js'
import { printable, printableJson } from './logs/safe-text.js'
import { withPatternEngine } from './pattern-engine.js'
import { failToRead, readManifests } from './read.js'

interface ExplainFlags extends TranslationFlags {
  readonly json?: boolean
  readonly requestId?: string
  readonly logLine?: string
  readonly logFormat?: string
  readonly host?: string
  readonly stateDir?: string
  readonly header?: readonly string[]
  readonly cookie?: readonly string[]
  readonly admin?: string
  readonly adminTokenFile?: string
}

/** What is printed of an answer, from manifests or from a running controller. */
interface Answer {
  readonly explanation: object
  readonly unsure: string | undefined
  readonly words: ExplanationWords
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .argument('[url]', 'such as https://shop.example.com/cart/7')
    .description('say why a request goes where it goes, by manifests or by a running controller')
    .option('--manifests <folder>', 'folder of manifests, or one file')
    .option('--request-id <id>', 'in place of a URL: that of a request in the log of a controller that runs')
    .option('--state-dir <folder>', 'of that controller')
    .option('--log-line <line>', 'in place of a URL: a line of an access log; - reads it from standard input')
    .option('--log-format <format>', 'of that line, as log-format-upstream has it (default: one that is known)')
    .option('--host <host>', 'of that request, where its line has none')
    .option('--admin <url>', 'admin port of a running one, such as http://127.0.0.1:8090; the URL it printed will do')
    .option('--admin-token-file <file>', 'file with its token (also FAIRLEAD_ADMIN_TOKEN, or #token=… in the URL)')
    .option('--header <line>', 'request header such as "X-Canary: always" (repeatable)', collect)
    .option('--cookie <cookie>', 'cookie such as "canary=always" (repeatable)', collect)
    .option(
      '--http-port <port>',
      'with --manifests: the port that serve is given, which a backend is told',
      parsePort,
      80,
    )
    .option('--https-port <port>', 'the same for HTTPS', parsePort, 443)
    .option('--json', 'print JSON for programs')
  addTranslationFlags(command).action(async (given: string | undefined, flags: ExplainFlags) => {
    const found = withHost(await findRequest(flags), flags.host)
    if (typeof found === 'string') return failToRead(found)
    if (found !== undefined && flags.json !== true) process.stdout.write(printRecord(found.record))
    const isAsked = flags.manifests !== undefined || flags.admin !== undefined
    if (found !== undefined && (!isAsked || found.url === undefined)) {
      if (flags.json === true) process.stdout.write(`${printableJson({ record: found.record }, 2)}\n`)
      else if (found.url === undefined) process.stdout.write(NO_HOST)
      return
    }
    const url = found?.url ?? given
    if (url === undefined) return failToRead('explain needs a URL such as https://shop.example.com/cart/7')
    const question = { url, headers: flags.header ?? [], cookies: flags.cookie ?? [] }
    const answer = await answerTo(question, flags)
    if (typeof answer === 'string') return failToRead(answer)
    const { explanation, unsure, words } = answer
    process.stdout.write(
      flags.json === true
        ? `${printableJson({ record: found?.record, ...explanation, unsure }, 2)}\n`
        : print(words, unsure),
    )
  })
}

async function answerTo(question: AskedQuestion, flags: ExplainFlags): Promise<Answer | string> {
  if ((flags.admin === undefined) === (flags.manifests === undefined))
    return 'explain needs --manifests FOLDER, or --admin URL of a running controller, and not both.'
  if (flags.admin === undefined) return explainManifests(question, flags)
  const asked = await askAdmin(flags.admin, flags.adminTokenFile, question)
  if (typeof asked === 'string') return asked
  if (asked.behind.length > 0)
    process.stderr.write(`fairlead: NGINX does not have the newest version of this yet: ${asked.behind.join(', ')}\n`)
  return { explanation: asked.explanation, unsure: asked.unsure, words: asked.words }
}

async function explainManifests(asked: AskedQuestion, flags: ExplainFlags): Promise<Answer | string> {
  const question = parseQuestion(asked)
  if (typeof question === 'string') return question
  const answer = await withPatternEngine(async (helper) => {
    const read = await readManifests(flags.manifests ?? '.', flags, helper)
    if (typeof read === 'string') return read
    return runWithMatches(helper, (match) => explain(read.translation, question, true, match))
  })
  if (typeof answer === 'string') return answer
  const unsure = answer.ok ? undefined : unsureSentence(answer.cause)
  return { explanation: answer.value, unsure, words: wordsOf(answer.value) }
}

function findRequest(
  flags: ExplainFlags,
): Promise<FoundRequest | string | undefined> | FoundRequest | string | undefined {
  if (flags.logLine !== undefined) return readLoggedRequest(flags.logLine, flags.logFormat)
  return flags.requestId === undefined ? undefined : findLoggedRequest(flags.stateDir, flags.requestId)
}

function withHost(found: FoundRequest | string | undefined, host: string | undefined): typeof found {
  if (typeof found !== 'object' || found.url !== undefined || host === undefined) return found
  return { record: found.record, url: `https://${host}${found.record.uri ?? '/'}` }
}

const NO_HOST =
  'The line has no host, so that the decision cannot be explained: log-format-upstream with $host, such as `ack`, has it; --host says it.\n'

function collect(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one]
}

const COLOURS = { good: pc.green, redirect: pc.cyan, answer: pc.yellow, bad: pc.red } as const

/** A request of the log is what a client asked for. */
function print({ headline, rows }: ExplanationWords, unsure: string | undefined): string {
  const first = unsure === undefined ? [] : [pc.red('cannot be sure'), `  ${printable(unsure)}`]
  const lines = rows.map(({ name, text }) => `  ${pc.dim(name.padEnd(10))} ${printable(text)}`)
  return `${[...first, COLOURS[headline.tone](printable(headline.text)), ...lines].join('\n')}\n`
}
