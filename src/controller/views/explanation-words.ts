import type { ExplanationWords } from '../../observe/shown.js'
import { describeObject } from '../../problems/problem.js'
import type { Explanation } from '../../translate/explain.js'
import type { Declared } from '../../translate/reference.js'

/** Without PCRE2 nobody can say what a regular expression matches. */
export function unsureSentence(cause: string): string {
  return `Regular expressions have a say in this, and no engine was there to match them; the answer is as if none matched. ${cause}`
}

/** An explanation in words, in the order of the decision; what the command line prints and the dashboard draws. */
export function wordsOf({
  outcome,
  request,
  host,
  owner,
  unserved = [],
  route,
  certificate,
  access,
  limits = [],
  headers = [],
  annotations,
  split,
  competitors,
}: Explanation): ExplanationWords {
  const rows: { name: string; text: string }[] = []
  const row = (name: string, text: string): void => void rows.push({ name, text })
  if (request !== undefined) row('request', `host ${request.host}, path "${request.path}" as NGINX understands it`)
  if (certificate !== undefined) row('TLS', describeCertificate(certificate))
  if (host !== undefined) {
    const how = unserved.length > 0 ? 'no host of this name is served' : HOST_WORDS[host.how]
    row('host', `${host.name === '_' ? 'default server' : host.name} (${how})`)
  }
  for (const { why, ...declared } of unserved) row('not served', `${place(declared)}: ${why}`)
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
    const groups = (route.groups ?? []).map((text, i) => `${i === 0 ? 'matched' : `$${i}`} "${text}"`)
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
  for (const [i, one] of limits.entries()) row(i === 0 ? 'limits' : '', one)
  if (outcome.kind === 'proxy') {
    row('backend', outcome.backend)
    if (outcome.insteadOf !== undefined) row('', `the default-backend, since ${outcome.insteadOf} has no endpoint`)
    if (outcome.target !== undefined) row('rewritten', outcome.target)
    row('endpoints', outcome.endpoints.join(', '))
    row('choice', outcome.endpoint === undefined ? outcome.choice : `${outcome.choice}: ${outcome.endpoint}`)
  }
  for (const [i, one] of headers.entries()) row(i === 0 ? 'headers' : '', describeHeader(one))
  if (split !== undefined) {
    const who = split.side === 'drawn' ? 'drawn each time' : split.side === 'main' ? 'not taken' : 'taken'
    row(split.by, `${split.alternative}, ${who}: ${split.why}`)
    if (split.from !== undefined) row('', place(split.from))
  }
  if (annotations !== undefined) {
    if (annotations.understood.length > 0) row('understood', annotations.understood.join(', '))
    for (const { name, why } of annotations.ignored) row('ignored', `${name}: ${why}`)
  }
  for (const { path, why, ...declared } of competitors) row('not taken', `${path} of ${place(declared)}: ${why}`)
  return { headline: headline(outcome, split), rows }
}

function describeHeader(header: NonNullable<Explanation['headers']>[number]): string {
  const { name, kind } = header
  if (kind === 'removed') return `${name} removed`
  return kind === 'sent' ? `${name}: ${header.value}` : `${name}: (${header.words})`
}

function describeCertificate({
  secret,
  others = [],
  names,
  notAfter,
}: NonNullable<Explanation['certificate']>): string {
  if (secret === 'default') return 'the default certificate: no Secret has one for the name'
  const also = others.length === 0 ? '' : `, or ${others.join(', ')} by what the client can verify`
  const until = notAfter === undefined ? '' : ` for ${(names ?? []).join(', ')}, until ${notAfter.slice(0, 10)}`
  return `certificate of Secret ${secret}${until}${also}`
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

function headline(outcome: Explanation['outcome'], split: Explanation['split']): ExplanationWords['headline'] {
  switch (outcome.kind) {
    case 'proxy':
      return { tone: 'good', text: `goes to Service ${outcome.backend}${orTo(split)}` }
    case 'redirect':
      return { tone: 'redirect', text: `is redirected (${outcome.status}) to ${outcome.location}` }
    case 'answer': {
      const page = pageFor(outcome.page)
      return { tone: 'answer', text: `is answered with ${outcome.status}${page}: ${outcome.reason}` }
    }
    case 'refused':
      return { tone: 'bad', text: `is refused by NGINX with ${outcome.status}: ${outcome.reason}` }
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
