import type { Argument, Directive } from '../nginx/directive.js'
import type { FrameInput } from './input.js'

/**
 * Words that every request to a server has in common, by the names of the variables that say them: a header for
 * backends that names one is a text there, which NGINX need not make for each request.
 */
export type KnownWords = Readonly<Record<string, string>>

/** Who is believed about a connection in front of ours may say another port. */
export function knownWords({ listeners, settings }: FrameInput, scheme: 'http' | 'https'): KnownWords {
  const { forwarded, proxyProtocol } = settings.clientAddress
  // `ports` in client-address.ts: for TLS the port of a browser, whichever we listen on.
  const port = scheme === 'https' ? 443 : listeners.httpPort
  return { scheme, ...(forwarded || proxyProtocol ? {} : { pass_port: String(port) }) }
}

/** Directives with those below them. */
export function withKnownWords(words: KnownWords, directive: Directive): Directive {
  const { name, args, block } = directive
  if (HEADERS.has(name)) return { name, args: args.map((argument) => inPlaceOf(words, argument)) }
  if (block === undefined || 'lua' in block || 'cases' in block) return directive
  return { name, args, block: block.map((inner) => withKnownWords(words, inner)) }
}

const HEADERS = new Set<string>(['proxy_set_header', 'grpc_set_header'])

function inPlaceOf(words: KnownWords, argument: Argument): Argument {
  if (typeof argument !== 'object') return argument
  return argument.map((part) => (typeof part === 'string' ? part : (words[part.variable] ?? part)))
}
