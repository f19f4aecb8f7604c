import { X509Certificate } from 'node:crypto'
import type { Family, Value } from '../../observe/metrics/family.js'
import { PREFIX } from '../../observe/metrics/request-text.js'
import type { Labels } from '../../observe/metrics/text.js'
import type { Secret } from '../../snapshot/objects.js'
import { readCertificate } from '../../translate/certificate.js'
import type { Translation } from '../../translate/translate.js'

/**
 * The certificates that hosts serve (section 2.2 of observability.md): no labels of the controller but its class. They
 * are read while they are printed, so that thousands of new ones do not hold up anybody.
 */
export function certificateFamilies(
  { choices }: Pick<Translation, 'choices'>,
  controllerClass: string,
): readonly Family[] {
  const samples = (valueOf: (served: Served, labels: Labels) => Value): Iterable<Value> => ({
    *[Symbol.iterator]() {
      for (const served of servedBy(choices)) yield valueOf(served, labelsOf(served, controllerClass))
    },
  })
  return [
    {
      name: `${PREFIX}ssl_expire_time_seconds`,
      kind: 'gauge',
      help: 'When a certificate ends, in seconds since 1970.',
      samples: samples(({ facts }, labels) => ({ labels, value: facts.notAfterSeconds })),
    },
    {
      name: `${PREFIX}ssl_certificate_info`,
      kind: 'gauge',
      help: 'The certificates that hosts serve; always 1.',
      samples: samples(({ facts }, labels) => ({ labels: [...labels, ...infoOf(facts)], value: 1 })),
    },
  ]
}

interface Served {
  readonly host: string
  readonly secret: Secret
  readonly facts: Facts
}

function* servedBy(choices: Translation['choices']): Generator<Served, undefined> {
  for (const [host, { secret, others }] of choices) {
    for (const one of [...(secret === undefined ? [] : [secret]), ...others]) {
      const facts = factsOf(one)
      if (facts !== undefined) yield { host, secret: one, facts }
    }
  }
  return undefined
}

function labelsOf({ host, secret, facts }: Served, controllerClass: string): Labels {
  return [
    ['class', controllerClass],
    ['host', host],
    ['identifier', `${secret.namespace}-${facts.serial}`],
    ['namespace', secret.namespace],
    ['secret_name', secret.name],
  ]
}

interface Facts {
  readonly notAfterSeconds: number
  readonly serial: string
  readonly organization: string
  readonly commonName: string
  readonly algorithm: string
}

function infoOf({ organization, commonName, serial, algorithm }: Facts): Labels {
  return [
    ['issuer_common_name', commonName],
    ['issuer_organization', organization],
    ['public_key_algorithm', algorithm],
    ['serial_number', serial],
  ]
}

/** A Secret that did not change is the same object. */
const known = new WeakMap<Secret, Facts>()

function factsOf(secret: Secret): Facts | undefined {
  const before = known.get(secret)
  if (before !== undefined) return before
  const reading = readCertificate(secret)
  if (!reading.ok) return undefined
  const certificate = new X509Certificate(reading.document.chain)
  const issuer = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(certificate.issuer)?.[1] ?? ''
  const facts = {
    notAfterSeconds: Math.floor(reading.notAfter / 1000),
    serial: BigInt(`0x${certificate.serialNumber}`).toString(),
    organization: issuer('O'),
    commonName: issuer('CN'),
    algorithm: ALGORITHMS[reading.keyKind] ?? reading.keyKind,
  }
  known.set(secret, facts)
  return facts
}

/** As Go's crypto/x509 names them. */
const ALGORITHMS: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519', dsa: 'DSA' }
