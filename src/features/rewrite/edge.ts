import { byteAt } from '#bytes'
import type { AppRootSettings, RewriteSettings } from '../../model/features.js'
import type { TextPart } from '../../model/text-part.js'
import { escapeForHeader, escapePath } from '../../request/escape.js'
import type { Asked, Passage } from '../../request/passage.js'
import type { ActingPort, RequestPort } from '../../request/port.js'
import { queryOf } from '../../request/query.js'
import { hostStep, routeStep, type Verdict } from '../../request/step.js'
import { expandParts } from '../../request/variables.js'

const SLASH = 47
const DIGIT_0 = 48
const DIGIT_9 = 57

/** RW-5: `/` of the host, and nothing else, is sent to the root of its application. */
export const appRoot = hostStep('appRoot', toAppRoot)

/** RW-1: the whole path is replaced. A target that is a URL is a redirect to it (RW-3). */
export const rewrite = routeStep('rewrite', toTarget)

/** VH-2: the backend is told what was taken away. */
export const forwardedPrefix = routeStep('rewrite', sendPrefix)

function toAppRoot({ to }: AppRootSettings, { scheme, name, path }: Asked, request: RequestPort): Verdict | undefined {
  if (path !== '/') return undefined
  const host = request.header('host') ?? name
  return { kind: 'redirect', status: 302, location: `${scheme()}://${escapeForHeader(host)}${expanded(to, request)}` }
}

function toTarget(settings: RewriteSettings, passage: Passage, request: RequestPort): Verdict | undefined {
  const { target, absolute } = settings
  if (absolute === true) {
    const location = expandFor(target, escapedValueOf, passage, request)
    return { kind: 'redirect', status: 302, location: `${location}${queryOf(passage.asked.target())}` }
  }
  const path = expandFor(target, valueOf, passage, request)
  // A target of `$1` need not begin with a slash, or with anything; no backend understands a path without.
  passage.upstreamPath = path !== '' && byteAt(path, 0) === SLASH ? path : `/${path}`
  return undefined
}

function sendPrefix({ prefix }: RewriteSettings, passage: Passage, request: ActingPort): undefined {
  if (prefix === undefined) return undefined
  const value = expandFor(prefix, valueOf, passage, request)
  request.setHeader('X-Forwarded-Prefix', escapeForHeader(value))
  return undefined
}

function expanded(parts: readonly TextPart[], request: RequestPort): string {
  return expandParts(parts, (name) => escapeForHeader(request.variable(name) ?? ''))
}

/** As `expandParts`, without a function that is made for the call: LuaJIT compiles no request that makes one. */
function expandFor(
  parts: readonly TextPart[],
  lookUp: (this: void, name: string, passage: Passage, request: RequestPort) => string | undefined,
  passage: Passage,
  request: RequestPort,
): string {
  let text = ''
  for (const part of parts) {
    text = text + (part.kind === 'text' ? part.text : (lookUp(part.name, passage, request) ?? ''))
  }
  return text
}

/** `$1` to `$9` are the groups of the path, which are decoded text; other names are NGINX's variables (RW-3). */
function valueOf(name: string, passage: Passage, request: RequestPort): string | undefined {
  const group = groupOf(name)
  return group < 0 ? request.variable(name) : passage.captures?.[group]
}

function escapedValueOf(name: string, passage: Passage, request: RequestPort): string {
  const value = valueOf(name, passage, request) ?? ''
  return groupOf(name) < 0 ? escapeForHeader(value) : escapePath(value)
}

/** -1: it is no group. */
function groupOf(name: string): number {
  const byte = byteAt(name, 0)
  return name.length === 1 && byte > DIGIT_0 && byte <= DIGIT_9 ? byte - DIGIT_0 : -1
}
