import type { Answered, AuthAnswer, AuthQuestion } from './auth-question.js'
import type { RequestCopy } from './request-copy.js'
import type { Attachment } from '../model/attachment.js'
import type { LimitChoices, UpstreamDocument } from '../model/documents.js'
import type { ClientSettings, RateLimit, Weight } from '../model/features.js'
import type { MatchPattern } from '../model/match.js'
import type { Passage } from './passage.js'
import type { Presented } from './presented.js'

/**
 * How a feature sees a request and the world around it; `edge/ngx.ts` implements it over NGINX, tests and `explain` have
 * their own. Every member says `this: void`, so that both runtimes call it the same way. Strings are bytes.
 */
export interface RequestPort {
  /** A variable of NGINX by its name without `$`; undefined where it is unknown or has no value. */
  readonly variable: (this: void, name: string) => string | undefined
  /** A request header by its name in any case; several lines of one name are joined by `, `. */
  readonly header: (this: void, name: string) => string | undefined
  /** Searches `text` with a PCRE2 pattern; `caseless` as PCRE's (?i). */
  readonly match: MatchPattern
  /** A whole number from 1 to `most`, each as likely as the others. */
  readonly random: (this: void, most: number) => number
  /**
   * Whether this request belongs to a share that is neither none nor all. `of` tells shares apart: of the requests that are
   * asked about one share, the exact part belongs to it, rounded up or down, however many they are.
   */
  readonly share: (this: void, of: string, weight: Weight) => boolean
  /** Seconds since 1970, with milliseconds. */
  readonly now: (this: void) => number
  /** 32 lower-case hexadecimal digits. */
  readonly md5: (this: void, text: string) => string
  /** CRC-32 as in zlib, from 0 to 2^32 - 1. */
  readonly crc32: (this: void, text: string) => number
}

/** The same while an endpoint is chosen. */
export interface ChoicePort extends RequestPort {
  /** How long requests to the endpoint at `position` of an upstream took lately, in seconds (BAL-0). */
  readonly score: (this: void, upstream: UpstreamDocument, position: number) => number
}

/** The same while a host is asked, before a path is chosen. */
export interface HostPort extends RequestPort {
  /** Replaces a header of the request, or what the frame sends in its place (Host, Connection); undefined removes it. */
  readonly setHeader: (this: void, name: string, value: string | undefined) => void
  /**
   * What the client of a request for the host `name` presented, as far as it was verified for that host and by what
   * holds now.
   */
  readonly presented: (this: void, name: string, settings: ClientSettings) => Presented
}

/** The same while a request is on its way to a backend. */
export interface ActingPort extends HostPort {
  /** Sets a variable that the frame declares in its default location. */
  readonly setVariable: (this: void, name: string, value: string) => void
  /** Has a line written about the request when it is over, and a span made of it; false: nobody wants any. */
  readonly recordSpan: (this: void, text: string) => boolean
  /** A document that the route names; undefined: there is none, and what needs it is closed. */
  readonly attachment: (this: void, key: string) => Attachment | undefined
  /** What the main ConfigMap says of limits. */
  readonly limitChoices: (this: void) => LimitChoices
  /**
   * Counts a request of a client in one leaky bucket for each rate, all or none, together with all other workers. `full`:
   * there is no memory to count it in.
   */
  readonly countRequest: (this: void, client: string, rates: readonly RateLimit[]) => Counted
  /** `Authorization` as the client sent it, hidden or not. */
  readonly credentials: (this: void) => string | undefined
  /** Takes `Authorization` out of what goes on; NGINX's log has the user all the same. */
  readonly hideCredentials: (this: void, shown: string) => void
  /** Undoes base64 as NGINX does (RFC 4648, padding may be missing); undefined: it is none. */
  readonly decodeBase64: (this: void, text: string) => string | undefined
  /** Whether a password is the one that was hashed (BAS-3). Those who wait for a slow hash wait in the queue of that name. */
  readonly checkPassword: (this: void, queue: string, user: string, password: string, hash: string) => PasswordCheck
  /** Tells texts that this NGINX signed from all others: 32 hexadecimal digits; undefined: it has no key to sign with. */
  readonly sign: (this: void, text: string) => string | undefined
  /** Takes note that a nonce was used for the `count`-th time; it is remembered for so many seconds, by all workers. */
  readonly useNonce: (this: void, nonce: string, count: number, seconds: number) => NonceUse
  /** Counts a request of a client as under way, until `releaseConnection`, unless there are `most` already. */
  readonly holdConnection: (this: void, client: string, most: number) => Counted
  /** Has the steps of `order.end` run when the request is over, however that comes about. */
  readonly awaitEnd: (this: void, passage: Passage) => void
  /** Asks a service and waits for its answer. A client that goes away ends the request, and nothing comes back. */
  readonly askService: (this: void, question: AuthQuestion) => Answered
  /** What was kept under a key and is still good. */
  readonly keptAnswer: (this: void, key: string) => AuthAnswer | undefined
  /** Keeps an answer for all workers, if there is room for it. */
  readonly keepAnswer: (this: void, key: string, answer: AuthAnswer, seconds: number) => void
}

/** The same when a request is over. */
export interface EndingPort extends RequestPort {
  readonly releaseConnection: (this: void, client: string) => void
  /** Sends copies of the request, with its method and headers, some time soon. What becomes of them is nobody's business. */
  readonly sendCopies: (this: void, copies: readonly RequestCopy[], body: 'with body' | 'without body') => void
}

/** `busy`: too many are waiting already. `failed`: it cannot be found out. */
export type PasswordCheck = 'right' | 'wrong' | 'busy' | 'failed'

/** `again`: that count was used before, or long ago. `full`: there is no memory to remember it in. */
export type NonceUse = 'first' | 'again' | 'full'

export type Counted = 'within' | 'over' | 'full'

/** The head of an answer before it is sent: the backend's, or NGINX's own. */
export interface ResponsePort extends RequestPort {
  readonly status: (this: void) => number
  /** A response header; several lines of one name come as a list. */
  readonly answered: (this: void, name: string) => string | readonly string[] | undefined
  /** Replaces a response header; undefined removes it. Line ends are escaped. */
  readonly answer: (this: void, name: string, value: string | readonly string[] | undefined) => void
  /** Adds a line of a response header to those there are. Line ends are escaped. */
  readonly addAnswer: (this: void, name: string, value: string) => void
}
