import { parseAllDocuments } from 'yaml'

/** A request of a case: `GET http://a.test/x?y  Cookie: a=b  Origin: http://b.test`, two blanks between its parts. */
export interface CaseRequest {
  readonly line: string
  readonly method: string
  readonly url: URL
  /** Path and query as written. */
  readonly target: string
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** A file of `test/cases/`: a title with rule ids, objects in YAML, a dashed line, requests with what becomes of them. */
export interface Case {
  readonly title: string
  /** From a second line `# pure: why`: what NGINX would do depends on chance or time, so it is not asked. */
  readonly pure: string | undefined
  /** Everything up to and with the dashed line, as written. */
  readonly head: string
  readonly objects: readonly object[]
  readonly requests: readonly CaseRequest[]
}

const LINE = '\n----\n'

export function readCase(text: string): Case {
  const at = text.indexOf(LINE)
  if (at < 0) throw new Error('A case has a line "----" between its objects and its requests.')
  const [first = '', ...rest] = text.slice(0, at).split('\n')
  return {
    title: first.replace(/^#\s*/, ''),
    pure: /^# pure: (.+)$/.exec(rest[0] ?? '')?.[1],
    head: text.slice(0, at + LINE.length),
    objects: parseAllDocuments(rest.join('\n')).map((document) => document.toJS() as object),
    requests: text
      .slice(at + LINE.length)
      .split('\n')
      .filter((line) => /^[A-Z]+ http/.test(line))
      .map(readRequest),
  }
}

function readRequest(line: string): CaseRequest {
  const [asked = '', ...headers] = line.split(/ {2,}/)
  const [method = '', address = ''] = asked.split(' ')
  const url = new URL(address)
  const host = address.slice(address.indexOf('//') + 2)
  const slash = host.indexOf('/')
  return {
    line,
    method,
    url,
    target: slash < 0 ? '/' : host.slice(slash),
    headers: Object.fromEntries(
      headers.map((header) => {
        const colon = header.indexOf(':')
        return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
      }),
    ),
  }
}
