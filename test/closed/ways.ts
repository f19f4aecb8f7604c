import { referenceEntries } from '../../src/features/reference.js'
import { attacks, MARK } from '../features/attacks.js'
import { bases, type Base } from './bases.js'

/** An Ingress of a base with one thing broken. */
export interface Broken {
  /** What is broken, in words. */
  readonly what: string
  readonly annotations: Readonly<Record<string, string>>
  readonly secrets: NonNullable<Base['secrets']>
}

/** Annotations that keep somebody out, by the declarations. */
export const protecting = referenceEntries().filter(({ annotation }) => annotation.protects === true)

/** Every protecting annotation with every bad value, and every Secret of a base broken in every way. */
export function everythingBroken(): readonly Broken[] {
  const values = protecting.flatMap(({ name, family, annotation }) =>
    (bases[family.name] ?? []).flatMap((base) =>
      BAD_VALUES.filter((text) => !(text in MEANS_OPEN && MEANS_OPEN[text]?.includes(name)))
        .filter((text) => annotation.alias === undefined || text !== '')
        .map((text) => ({
          what: `${name}: ${JSON.stringify(text.slice(0, 60))}`,
          annotations: { ...base.annotations, [name]: text },
          secrets: base.secrets ?? {},
        })),
    ),
  )
  return [...values, ...Object.values(bases).flat().flatMap(brokenSecrets)]
}

const BAD_VALUES: readonly string[] = [
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
  ...attacks,
]

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

function brokenSecrets({ annotations, secrets = {} }: Base): readonly Broken[] {
  return Object.entries(secrets).flatMap(([name, data]) => {
    const others = Object.fromEntries(Object.entries(secrets).filter(([other]) => other !== name))
    const broken = (what: string, now: Readonly<Record<string, string>> | undefined): Broken => ({
      what: `Secret ${name} ${what}`,
      annotations,
      secrets: now === undefined ? others : { ...others, [name]: now },
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
