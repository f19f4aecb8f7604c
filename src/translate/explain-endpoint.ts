import { order } from '../edge/order.js'
import { endpointName } from '../model/worked-upstream.js'
import { chooseEndpoint } from '../request/choose-endpoint.js'
import { readCookie } from '../request/cookie.js'
import type { Decision } from '../request/decide.js'
import type { ChoicePort, RequestPort } from '../request/port.js'

/**
 * The endpoint of the first try, `address:port`, where the request itself says it: a session that is known, or a hash of what
 * was asked. undefined: chance, time or turns decide, or something that only NGINX knows, such as the client's address.
 */
export function explainEndpoint(
  { upstream, passage }: Extract<Decision, { kind: 'proxy' }>,
  request: RequestPort,
): string | undefined {
  if (passage === undefined) return undefined
  let isSure = true
  const unsure = <T>(value: T): T => {
    isSure = false
    return value
  }
  const port: ChoicePort = {
    ...request,
    variable: (name) => request.variable(name) ?? partOf(request, name) ?? unsure(undefined),
    random: () => unsure(1),
    score: () => unsure(0),
  }
  const tries = { failures: 0, avoid: () => false }
  // What is worked out, and whom a client would be bound to, is not for anybody else.
  const position = chooseEndpoint(order, { ...upstream }, { ...passage }, tries, port)
  return position === undefined || !isSure ? undefined : endpointName(upstream, position)
}

/** A variable that is a header, a cookie or an argument; one that was not sent is empty. */
export function partOf(request: RequestPort, name: string): string | undefined {
  const [, kind, key = ''] = /^(http|cookie|arg)_(.+)$/.exec(name) ?? []
  if (kind === 'http') return request.header(key.replaceAll('_', '-')) ?? ''
  if (kind === 'cookie') return readCookie(request.header('cookie'), key) ?? ''
  return kind === 'arg' ? (argumentOf(request.variable('request_uri') ?? '', key) ?? '') : undefined
}

/** As it was sent, the first of its name in any case. */
function argumentOf(target: string, name: string): string | undefined {
  const [, query = ''] = /\?([^#]*)/.exec(target) ?? []
  const beginning = `${name.toLowerCase()}=`
  const found = query.split('&').find((argument) => argument.toLowerCase().startsWith(beginning))
  return found?.slice(beginning.length)
}
