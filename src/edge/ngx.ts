import { lower } from '#bytes'
import { add_header } from 'ngx.resp'
import type { LimitChoices } from '../model/documents.js'
import type { Letters, Match } from '../model/match.js'
import type { ActingPort, ChoicePort, EndingPort, ResponsePort } from '../request/port.js'
import { escapeForHeader } from '../request/escape.js'
import { askService } from './ask-service.js'
import { awaitEnd } from './awaited.js'
import type { Chosen } from './chosen.js'
import { presentedBy } from './clients.js'
import { config } from './config.js'
import { holdConnection, releaseConnection } from './connections.js'
import { sendCopies } from './copies.js'
import { askedHost } from './http3.js'
import { keepAnswer, keptAnswer } from './kept-answers.js'
import { countRequest } from './limits.js'
import { useNonce } from './nonces.js'
import { checkPassword } from './passwords.js'
import { scoreOf } from './scores.js'
import { sign } from './secret.js'
import { isInShare } from './shares.js'
import { settings, table } from './table.js'
import { variables } from './variables.js'

const WITHOUT_CHOICES: LimitChoices = {}

/** The port over NGINX. One object for all requests: what it reads belongs to whichever request is running. */
export const nginx: ActingPort & ChoicePort & EndingPort & ResponsePort = {
  variable,
  header: readHeader,
  match,
  random: (most) => math.random(1, most),
  share: isInShare,
  now: () => ngx.now(),
  md5: (text) => ngx.md5(text),
  crc32: (text) => ngx.crc32_long(text),
  score: scoreOf,
  setHeader: (name, value) => {
    const sent = SENT_FROM[name]
    if (sent !== undefined) {
      variables[sent] = value === undefined ? '' : escapeForHeader(value)
      ;(ngx.ctx as Chosen).hasOwnHeaders = true // as `route` has set it
    } else if (value === undefined) ngx.req.clear_header(name)
    else ngx.req.set_header(name, value)
  },
  setVariable: (name, value) => {
    variables[name] = value
  },
  recordSpan: (text) => {
    if (config().spans !== true) return false
    variables['span'] = text
    return true
  },
  presented: (name, settings) => presentedBy(name, settings, match),
  attachment: (key) => table.attachment(key),
  limitChoices: () => settings().limits ?? WITHOUT_CHOICES,
  credentials: () => variable('credentials'),
  hideCredentials,
  decodeBase64: (text) => ngx.decode_base64(text),
  checkPassword,
  sign,
  useNonce,
  countRequest,
  holdConnection,
  awaitEnd,
  askService,
  keptAnswer,
  keepAnswer,
  releaseConnection,
  sendCopies,
  status: () => ngx.status,
  answered: (name) => ngx.header[name],
  answer: (name, value) => {
    ngx.header[name] = value
  },
  addAnswer: (name, value) => {
    add_header(name, value)
  },
}

/** A backend may send the request on to another path (`X-Accel-Redirect`), where it has to be let in again. */
function hideCredentials(shown: string): void {
  // NGINX makes it from the header when it is first asked for, and remembers it.
  variable('remote_user')
  variables['hidden_authorization'] = shown
  ngx.req.clear_header('Authorization')
}

/** Headers that the frame sends from a variable, whatever the client's says; NGINX copies a line end in it as it is. */
const SENT_FROM: Readonly<Record<string, string | undefined>> = {
  Host: 'backend_host',
  Connection: 'connection_upgrade',
}

/** NGINX knows unknown variables by no value and set ones without text by an empty one; here both have none. */
function variable(name: string): string | undefined {
  const value = variables[name]
  if (value !== undefined && value !== '') return value
  if (name === 'server_port') return variables['listener_port']
  return name === 'http_host' ? askedHost() : undefined
}

function readHeader(name: string): string | undefined {
  const from = headerVariable(name)
  return from === 'http_host' ? askedHost() : variables[from]
}

/** Names of header variables by header; there are as many as annotations name. */
const headerVariables: Record<string, string | undefined> = {}

function headerVariable(name: string): string {
  const known = headerVariables[name]
  if (known !== undefined) return known
  const [made] = string.gsub(lower(name), '%-', '_')
  headerVariables[name] = `http_${made}`
  return `http_${made}`
}

/** Compiled once per worker (`o`), by the JIT of PCRE2 (`j`); the frame's `lua_regex_match_limit` bounds a match. */
function match(pattern: string, text: string, letters: Letters): Match {
  // LuaJIT does not compile this, so that a trace ends here and a branch of it begins: only in a branch does it get over the
  // short loops of ngx.re. docs/design/request-cost.md.
  unpack(NOTHING)
  const [found, problem] = ngx.re.match(text, pattern, letters === 'exact' ? 'jo' : 'joi')
  if (found !== undefined) return { kind: 'match', captures: listOf(found) }
  return problem === undefined ? NONE : FAILED
}

const NOTHING: string[] = []

const NONE: Match = { kind: 'none' }
const FAILED: Match = { kind: 'failed' }

/** ngx.re has the whole match under 0 and gives false for a group that took no part. */
function listOf(found: RegexCaptures): readonly string[] {
  const captures: string[] = []
  let index = 0
  let next: string | false | undefined = found[0]
  while (next !== undefined) {
    captures.push(next === false ? '' : next)
    index++
    next = found[index]
  }
  return captures
}
