import { referenceEntries } from '../../src/features/reference.js'
import { attacks, MARK } from '../features/attacks.js'
import { bases, type Base } from './bases.js'

/** An Ingress of a base with one thing broken, or nothing. */
export interface Combination {
  /** What is broken, in words. */
  readonly what: string
  readonly base: Base
  /** Whom else it closes: nobody, or all that have the same host. */
  readonly closes: 'its paths' | 'its hosts'
  /**
   * A problem has to say what is wrong. Of the rest nothing is: an empty value is none, and some of the others have a
   * meaning.
   */
  readonly isWrong: boolean
  /** What strangers are answered. */
  readonly statuses: readonly number[]
}

/** Annotations that keep somebody out, by the declarations. */
export const protecting = referenceEntries().filter(({ annotation }) => annotation.protects === true)

const allBases = Object.entries(bases).flatMap(([family, some]) => some.map((base) => ({ family, base })))

/** Every protecting annotation with every bad value, and every Secret of a base broken in every way. */
export function everythingBroken(): readonly Combination[] {
  const values = protecting.flatMap(({ name, family, annotation }) =>
    (bases[family.name] ?? []).flatMap((base) =>
      BAD_VALUES.filter((text) => !(text in MEANS_OPEN && MEANS_OPEN[text]?.includes(name)))
        .filter((text) => annotation.alias === undefined || text !== '')
        .filter((text) => text !== 'off' || name !== 'auth-tls-verify-client' || base.tlsOnly !== true)
        .map((text): Combination => {
          const isWrong = text.trim() !== '' && (namesSomething(name) || !annotation.kind.parse(text.trim()).ok)
          const closing = annotation.effect === 'host' ? 403 : 503
          return {
            what: `${name}: ${JSON.stringify(text.slice(0, 60))}`,
            base: { ...base, annotations: { ...base.annotations, [name]: text } },
            closes: closedBy(family.name),
            isWrong,
            statuses: isWrong && annotation.bad !== 'default' ? [closing] : [...REFUSALS, closing],
          }
        }),
    ),
  )
  return [...values, ...allBases.flatMap(({ family, base }) => brokenSecrets(family, base))]
}

/**
 * What strangers are answered where a setting is in force: 500 by an auth service that does not answer, 503 where
 * another setting is missing.
 */
const REFUSALS: readonly number[] = [302, 400, 401, 403, 500, 503]

/** Every base as it is. */
export function everythingWhole(): readonly Combination[] {
  return allBases.map(({ family, base }) => ({
    what: `whole: ${JSON.stringify(base.annotations)}`,
    base,
    closes: closedBy(family),
    isWrong: false,
    statuses: REFUSALS,
  }))
}

/** Client certificates hold for the whole host (MTLS-1). */
function closedBy(family: string): Combination['closes'] {
  const isOfHost = protecting.some((one) => one.family.name === family && one.annotation.effect === 'host')
  return isOfHost ? 'its hosts' : 'its paths'
}

/** Its values name what has to be there. */
function namesSomething(name: string): boolean {
  return name === 'auth-url' || protecting.some((one) => one.name === name && one.annotation.refersTo !== undefined)
}

/** What nobody would write on purpose. */
export const NONSENSE: readonly string[] = [
  '',
  ' ',
  'nobody-knows',
  'TRUE ',
  'off',
  '0',
  '-1',
  '10.0.0.0/33',
  ',',
  'other-namespace/app',
  'test/not-there',
  'not-there',
  'http://',
  `${MARK}@`,
  '(',
  '(a+)+$',
  'x'.repeat(10_000),
]

const BAD_VALUES: readonly string[] = [...NONSENSE, ...attacks]

const EMPTY = [
  'auth-tls-match-cn',
  'auth-url',
  'enable-modsecurity',
  'enable-owasp-core-rules',
  'modsecurity-mode',
  'modsecurity-allowed-methods',
]

/** Words that switch an annotation off by what they say (GEN-5 for empty ones); nothing is broken then. */
const MEANS_OPEN: Readonly<Record<string, readonly string[] | undefined>> = {
  '': EMPTY,
  ' ': EMPTY,
  '0': ['enable-modsecurity', 'enable-owasp-core-rules'],
}

function brokenSecrets(family: string, base: Base): readonly Combination[] {
  const { secrets = {} } = base
  return Object.entries(secrets).flatMap(([name, data]) => {
    const others = Object.fromEntries(Object.entries(secrets).filter(([other]) => other !== name))
    const broken = (what: string, now: Readonly<Record<string, string>> | undefined): Combination => ({
      what: `Secret ${name} ${what}`,
      base: { ...base, secrets: now === undefined ? others : { ...others, [name]: now } },
      closes: closedBy(family),
      isWrong: true,
      // Who cannot be read as a user cannot log in.
      statuses: closedBy(family) === 'its hosts' ? [403] : [503, 401],
    })
    const everyValue = (text: string): Readonly<Record<string, string>> =>
      Object.fromEntries(Object.keys(data).map((key) => [key, text]))
    return [
      broken('missing', undefined),
      broken('without keys', {}),
      broken('with other keys', { other: 'x' }),
      broken('with empty values', everyValue('')),
      ...[
        'junk',
        '\u0000',
        ':',
        'user:',
        ':$2y$05$',
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      ].map((text) => broken(`of ${JSON.stringify(text)}`, everyValue(text))),
    ]
  })
}
