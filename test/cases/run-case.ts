import { crc32 } from 'node:zlib'
import { createHash } from 'node:crypto'
import { order } from '../../src/edge/order.js'
import type { LimitChoices } from '../../src/model/documents.js'
import type { RateLimit } from '../../src/model/features.js'
import type { PatternHelper } from '../../src/apply/engine/patterns.js'
import { runWithMatches } from '../../src/apply/engine/with-matches.js'
import { createPatternJudge } from '../../src/controller/pattern-judge.js'
import type { MatchPattern } from '../../src/model/match.js'
import type { Table } from '../../src/model/table.js'
import { createMemoryTable } from '../../src/model/memory-table.js'
import { endpointName } from '../../src/model/worked-upstream.js'
import { describeObject, type Problem } from '../../src/problems/problem.js'
import type { AuthQuestion, Answered } from '../../src/request/auth-question.js'
import { isForwarded } from '../../src/request/auth-question.js'
import { admit, check, type Refusal } from '../../src/request/admit.js'
import { chooseEndpoint } from '../../src/request/choose-endpoint.js'
import { decide, type Decision } from '../../src/request/decide.js'
import { errorBackend, factsOf, replacing } from '../../src/request/error-answer.js'
import { escapePath } from '../../src/request/escape.js'
import { normalise } from '../../src/request/normalise.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Passage, Scheme } from '../../src/request/passage.js'
import { queryOf } from '../../src/request/query.js'
import type { HostPort, RequestPort } from '../../src/request/port.js'
import type { Presented } from '../../src/request/presented.js'
import type { SplitOutcome } from '../../src/request/split-outcome.js'
import { argumentVariables } from '../../src/translate/argument-variables.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate, type Translation, unjudgedPatterns } from '../../src/translate/translate.js'
import { AUTH_ADDRESS, scriptedAnswer } from './auth-service.js'
import type { Case, CaseRequest } from './read-case.js'
import { checkPassword, decodeBase64 } from '../support/logins.js'
import { snapshotOf } from './world-of-case.js'

/** What becomes of the requests of a case, and its problems; the text below its dashed line. */
export async function answersOf(one: Case, helper: PatternHelper): Promise<string> {
  const translation = await translateCase(one, helper)
  const answers: string[] = []
  for (const request of one.requests) {
    const lines = await answerLines(translation, request, helper)
    answers.push(request.line, ...lines.map((line) => `  ${line}`))
  }
  return `${[...answers, ...translation.problems.flatMap(describeProblem)].join('\n')}\n`
}

/** As the controller does it: regular expressions are tried by PCRE2 first. */
export async function translateCase({ objects }: Case, helper: PatternHelper): Promise<Translation> {
  const fallbackCertificate = { chain: 'chain', key: 'key' }
  const snapshot = snapshotOf(objects)
  const judge = createPatternJudge(helper)
  const translated = (): Translation =>
    translate(snapshot, defaultTranslateOptions, { fallbackCertificate, now: 0, verdicts: judge.verdicts() })
  const failure = await judge.learn(unjudgedPatterns(translated()))
  if (failure !== undefined) throw new Error(failure)
  return translated()
}

/** What becomes of a request: where it goes (`to …`), or its answer; then `>` request and `<` response headers. */
export async function answerLines(
  { documents, settings }: Translation,
  one: CaseRequest,
  helper: PatternHelper,
): Promise<readonly string[]> {
  const normalised = normalise(one.target, one.headers['host'] ?? one.url.host, '1.1')
  if (normalised.kind === 'refused') return [`${normalised.status} ${normalised.reason}`]
  const scheme = one.url.protocol.slice(0, -1) as Scheme // `new URL` of a line that begins with http
  const { host, path, target } = normalised
  const table = createMemoryTable(documents)
  const answered = await runWithMatches(helper, (match) => {
    const introduced: string[] = []
    const port = createPort(one, match, (name, value) => {
      if (value !== undefined) introduced.push(`> ${name}: ${value}`)
    })
    const decision = decide(table, order, port, scheme, host, path, target)
    const lines = describe(decision, port, table, settings.value.document.limits ?? {}, one)
    return decision.kind === 'proxy' ? [...lines, ...introduced] : lines
  })
  if (!answered.ok) throw new Error(answered.cause)
  return answered.value
}

/**
 * NGINX's variables as far as the request itself says them; the listener is on port 80 or 443. The header `Chance` is what
 * is drawn, the header `Client` the address that it comes from, and `Presents` its certificate: what became of the
 * verification, and the subject.
 */
function createPort(
  { method, url, headers, target }: CaseRequest,
  match: MatchPattern,
  setHeader: HostPort['setHeader'],
): HostPort {
  const scheme = url.protocol.slice(0, -1)
  const host = headers['host'] ?? url.host
  const client = headers['client'] ?? '192.0.2.1'
  return createRequest({
    headers: { host, ...headers },
    variables: {
      scheme,
      request_method: method,
      request_uri: target,
      ...(headers['x-request-id'] === undefined ? {} : { req_id: headers['x-request-id'] }),
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [`http_${name.replaceAll('-', '_')}`, value]),
      ),
      http_host: host,
      host: url.hostname,
      remote_addr: client,
      binary_remote_addr: client
        .split('.')
        .map((part) => String.fromCharCode(Number(part)))
        .join(''),
      server_port: scheme === 'https' ? '443' : '80',
      pass_port: scheme === 'https' ? '443' : '80',
      ...argumentVariables(target),
    },
    match,
    random: () => Number(headers['chance'] ?? '1'),
    md5: (text) => createHash('md5').update(text, 'latin1').digest('hex'),
    crc32: (text) => crc32(Buffer.from(text, 'latin1')),
    setHeader,
    ...(headers['presents'] === undefined ? {} : { presented: presentedIn(headers['presents']) }),
  })
}

function presentedIn(text: string): Presented {
  if (text === 'misdirected' || text === 'unverifiable') return { kind: text }
  const blank = text.indexOf(' ')
  const [verdict, subject] = blank < 0 ? [text, ''] : [text.slice(0, blank), text.slice(blank + 1)]
  return { kind: 'verified', verdict, subject, issuer: 'CN=authority', certificate: 'PEM' }
}

function describe(
  decision: Decision,
  port: HostPort,
  table: Table,
  choices: LimitChoices,
  one: CaseRequest,
): readonly string[] {
  const by = 'by' in decision && decision.by !== undefined ? ` (${decision.by})` : ''
  if (decision.kind === 'status') return ['status page']
  const passage = decision.passage
  const isChecked = decision.kind === 'answer' && decision.checked === true
  const asked = isChecked ? requestLines(check, passage, port, table, choices, one) : undefined
  if (asked?.refusal !== undefined) return refusedLines(asked.refusal, asked.lines, passage, port, table)
  const replaced = decision.kind === 'proxy' ? undefined : replacementLines(passage, decision.status, table, port)
  if (replaced !== undefined) return replaced
  if (decision.kind === 'redirect')
    return [`${decision.status} ${decision.location}${by}`, ...responseLines(passage, port, decision.status)]
  if (decision.kind === 'answer')
    return [`${decision.status}${by}`, ...(asked?.lines ?? []), ...responseLines(passage, port, decision.status)]
  const path = passage?.upstreamPath
  const target = path === undefined ? undefined : `${escapePath(path)}${queryOf(passage?.asked.target() ?? '')}`
  const split = passage?.split
  const { lines, refusal } = requestLines(admit, passage, port, table, choices, one)
  if (refusal !== undefined) return refusedLines(refusal, lines, passage, port, table)
  return [
    `to ${decision.upstream.key}${target === undefined || (target === passage?.asked.target() && passage.page === undefined) ? '' : ` ${target}`}${split === undefined ? '' : ` (${reasonOf(split)})`}`,
    ...lines,
    ...choiceLines(decision, port),
    ...responseLines(passage, port, 200),
  ]
}

function refusedLines(
  refusal: Refusal,
  lines: readonly string[],
  passage: Passage | undefined,
  port: RequestPort,
  table: Table,
): readonly string[] {
  const { status } = refusal.verdict
  const replaced = replacementLines(passage, status, table, port)
  return replaced ?? [...describeRefusal(refusal), ...lines, ...responseLines(passage, port, status)]
}

/** ERR-1: what becomes of an answer that the error backend gives instead; undefined: it stays. */
function replacementLines(
  passage: Passage | undefined,
  status: number,
  table: Table,
  port: RequestPort,
): readonly string[] | undefined {
  const errors = replacing(passage, status)
  if (errors === undefined || passage === undefined) return undefined
  const upstream = errorBackend(errors, table)
  if (upstream === undefined || upstream.addresses.length === 0) return [`${upstream?.emptyStatus ?? 404} (errors)`]
  const { code, namespace, ingress, service, port: servicePort } = factsOf(errors, status, port)
  const about = {
    'X-Code': code,
    'X-Original-URI': passage.asked.target(),
    'X-Namespace': namespace,
    'X-Ingress-Name': ingress,
    'X-Service-Name': service,
    'X-Service-Port': servicePort,
  }
  const target = `/${queryOf(passage.asked.target())}`
  return [
    `to ${upstream.key}${target === passage.asked.target() ? '' : ` ${target}`} (errors)`,
    ...Object.entries(about).flatMap(([name, value]) => (value === '' ? [] : [`> ${name}: ${value}`])),
  ]
}

/** What decided between two upstreams. */
function reasonOf({ why }: SplitOutcome): string {
  if (why.kind !== 'rule') return why.kind
  return why.found === 'failed' ? `${why.rule.of}-failed` : why.rule.of
}

/** What is changed on the way to the backend, or the answer that is given instead. */
function requestLines(
  asked: typeof admit,
  passage: Passage | undefined,
  port: HostPort,
  table: Table,
  choices: LimitChoices,
  one: CaseRequest,
): { readonly lines: readonly string[]; readonly refusal: Refusal | undefined } {
  const lines: string[] = []
  if (passage?.route.features === undefined) return { lines, refusal: undefined }
  const acting = {
    ...port,
    setHeader: (name: string, value: string | undefined) => lines.push(`> ${name}: ${value ?? '(removed)'}`),
    setVariable: (name: string, value: string) => lines.push(`> $${name} = ${value}`),
    attachment: (key: string) => table.attachment(key),
    limitChoices: () => choices,
    credentials: () => port.header('Authorization'),
    hideCredentials: () => lines.push('> Authorization: (removed)'),
    decodeBase64,
    checkPassword,
    sign: (text: string) => createHash('md5').update(`key of the case ${text}`, 'latin1').digest('hex'),
    useNonce: () => 'first' as const,
    countRequest: (client: string, rates: readonly RateLimit[]) => {
      const texts = rates.map(({ requests, seconds, burst }) => `${requests} in ${seconds} s, burst ${burst}`)
      lines.push(`> counted as ${JSON.stringify(client.replace('\xc0\x00\x02\x01', '192.0.2.1'))}: ${texts.join('; ')}`)
      return 'within' as const
    },
    awaitEnd: () => undefined,
    holdConnection: (client: string, most: number) => {
      lines.push(`> held as ${JSON.stringify(client.replace('\xc0\x00\x02\x01', '192.0.2.1'))}: ${most} at a time`)
      return 'within' as const
    },
    recordSpan: () => false,
    askService: (question: AuthQuestion) => askService(question, one),
    keptAnswer: () => undefined,
    keepAnswer: () => undefined,
  }
  const refusal = asked(order, passage, acting)
  if (refusal !== undefined) return { lines, refusal }
  for (const { to, target } of passage.copies ?? []) {
    const name = to.serverName === undefined ? '' : ` by TLS as ${to.serverName}`
    const body = passage.keepsBody === true ? '' : ' without body'
    lines.push(`> copied to ${to.addresses.join(' or ')}:${to.port}${name}: ${to.host} ${target}${body}`)
  }
  return { lines, refusal: undefined }
}

/** The auth service of the cases; elsewhere there is none. */
function askService({ to, target, host, lines, replaced }: AuthQuestion, { headers }: CaseRequest): Answered {
  if (!to.addresses.some((address) => `${address}:${to.port}` === AUTH_ADDRESS)) return { kind: 'none' }
  const own = lines.split('\r\n').filter((line) => line !== '')
  const asked = Object.fromEntries([
    ['host', host],
    ...Object.entries(headers).filter(([name]) => isForwarded(name) && replaced[name] !== true),
    ...own.map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const
    }),
  ])
  const answer = scriptedAnswer(to.method, target, asked)
  const found = new Map<string, string[]>()
  for (const [name, value] of answer.headers)
    found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), value])
  return { kind: 'answered', answer: { status: answer.status, headers: Object.fromEntries(found) } }
}

function describeRefusal({ by, verdict }: Refusal): readonly string[] {
  const to = verdict.kind === 'redirect' ? ` ${verdict.location}` : ''
  const headers = (verdict.headers ?? []).map(([name, value]) => `< ${name}: ${value.toString()}`)
  return [`${verdict.status}${to} (${by})`, ...headers]
}

/** The endpoint of the first try where features choose it. Chance gives the first of everything. */
function choiceLines(
  { upstream, passage }: Extract<Decision, { kind: 'proxy' }>,
  port: RequestPort,
): readonly string[] {
  if (passage === undefined) return []
  const tries = { failures: 0, avoid: () => false }
  const position = chooseEndpoint(order, { ...upstream }, passage, tries, { ...port, score: (_, at) => at })
  return position === undefined ? [] : [`at ${endpointName(upstream, position)}`]
}

/** What is changed in the head of the answer. */
function responseLines(passage: Passage | undefined, port: RequestPort, status: number): readonly string[] {
  const lines: string[] = []
  const features = passage?.route.features
  if (passage === undefined || features === undefined) return lines
  const response = {
    ...port,
    status: () => status,
    answered: () => undefined,
    answer: (name: string, value: string | readonly string[] | undefined) => {
      for (const one of typeof value === 'object' ? value : [value]) lines.push(`< ${name}: ${one ?? '(removed)'}`)
    },
    addAnswer: (name: string, value: string) => {
      lines.push(`< ${name}: ${value}`)
    },
  }
  for (const step of order.response) if (features[step.family] !== undefined) step.run(passage, response)
  return lines
}

function describeProblem({ severity, about, field, message, code }: Problem): readonly string[] {
  return [`${severity} ${code} ${describeObject(about)} ${field}`, `  ${message}`]
}
