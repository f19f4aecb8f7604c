import type { Question } from './explain.js'
import { toBytes } from './pathname.js'

/** A question as a person writes it: a URL, header lines such as `X-Canary: always`, cookies such as `canary=always`. */
export interface AskedQuestion {
  readonly url: string
  readonly headers: readonly string[]
  readonly cookies: readonly string[]
}

/** The question in the words of `explain`; a text says what of it cannot be read. */
export function parseQuestion({ url, headers, cookies }: AskedQuestion): Question | string {
  const question = parseUrl(url)
  if (question === undefined) return `${JSON.stringify(url)} is not a URL such as https://shop.example.com/cart/7`
  const read = readHeaders(headers, cookies)
  return typeof read === 'string' ? read : { ...question, headers: read }
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

/** Takes a URL apart without changing a byte of path and query: what a browser would tidy up is what one wants explained. */
function parseUrl(text: string): Omit<Question, 'headers'> | undefined {
  const parts = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(text)
  if (parts === null) return undefined
  const [, scheme = '', authority = '', rest = ''] = parts
  const host = hostSent(authority)
  if (host === undefined) return undefined
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host,
    target: rest.startsWith('/') ? rest : `/${rest}`,
  }
}

/** What clients send of it: no user and password, and names in ASCII. undefined: no client could send the name. */
function hostSent(authority: string): string | undefined {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host === toBytes(host)) return host
  const [, name = '', port = ''] = /^(.*?)(:\d*)?$/.exec(host) ?? []
  return URL.canParse(`http://${name}`) ? `${new URL(`http://${name}`).hostname}${port}` : undefined
}
