import type { ProblemCode } from '../problems/catalogue.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress, Secret } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { coversHost, readCertificate } from './certificate.js'
import { problemOf } from './reference.js'

/** What is known of a host's certificates so far. */
interface Choice {
  readonly others: readonly Secret[]
  readonly looked: readonly string[]
  readonly problems: readonly Problem[]
}

/** A Secret that is named for the host by an Ingress. */
interface Candidate {
  readonly ingress: Ingress
  readonly index: number
  /** `namespace/name`. */
  readonly name: string
}

/**
 * Beside the certificate of `first`, those of other kinds of keys: one for each kind, the oldest Ingress's, and of one
 * Ingress's the first. `ingresses` has the one that decides (CERT-1) as its first. Others count in its namespace only:
 * nobody else can give the host a certificate that modern clients prefer. docs/design/two-certificates.md.
 */
export function addOtherKinds<T extends Choice>(
  choice: T,
  first: Secret,
  host: string,
  ingresses: readonly Ingress[],
  snapshot: Snapshot,
): T {
  const kinds = new Set([kindOf(first)])
  const looked = new Set(choice.looked)
  const others: Secret[] = []
  const problems = [...choice.problems]
  const firstName = `${first.namespace}/${first.name}`
  for (const candidate of candidatesOf(host, first.namespace, ingresses)) {
    const { name, ingress } = candidate
    if (looked.has(name)) continue
    looked.add(name)
    const secret = snapshot.secrets.get(name)
    const fault = findFault(secret, name, host)
    if (secret !== undefined && fault === undefined) {
      const kind = kindOf(secret)
      if (!kinds.has(kind)) others.push(secret)
      kinds.add(kind)
    } else if (fault !== undefined && ingress === ingresses[0] && isNamed(candidate, host)) {
      const message = `${fault.fault}, so host ${host} has the certificate of Secret ${firstName} only. ${fault.advice}`
      problems.push(problemOf(fault.code, ingress, `spec.tls[${candidate.index}].secretName`, message))
    }
  }
  return { ...choice, others, looked: [...looked], problems }
}

/** Entries that name the host; where the first Ingress has none, all of its, as for its first certificate. */
function candidatesOf(host: string, namespace: string, ingresses: readonly Ingress[]): readonly Candidate[] {
  return ingresses
    .filter((ingress) => ingress.namespace === namespace)
    .flatMap((ingress, age) => {
      const all = ingress.tls.map(({ secretName }, index) => ({ ingress, index, name: `${namespace}/${secretName}` }))
      const named = all.filter((candidate) => isNamed(candidate, host))
      const counted = age === 0 && named.length === 0 ? all : named
      return counted.filter(({ name }) => name !== `${namespace}/`)
    })
}

function isNamed({ ingress, index }: Candidate, host: string): boolean {
  return ingress.tls[index]?.hosts.some((name) => name.toLowerCase() === host) === true
}

function kindOf(secret: Secret): string {
  const reading = readCertificate(secret)
  return reading.ok ? reading.keyKind : ''
}

interface Fault {
  readonly code: ProblemCode
  readonly fault: string
  readonly advice: string
}

function findFault(secret: Secret | undefined, name: string, host: string): Fault | undefined {
  if (secret === undefined)
    return {
      code: 'tls/secret-not-found',
      fault: `There is no Secret ${name}`,
      advice: 'Make it, or take the entry out.',
    }
  const reading = readCertificate(secret)
  if (!reading.ok) return { ...reading, fault: `Secret ${name}: ${reading.fault}` }
  if (coversHost(reading.names, host)) return undefined
  const names = reading.names.length === 0 ? 'no name' : reading.names.join(', ')
  return {
    code: 'tls/host-not-covered',
    fault: `The certificate of Secret ${name} is for ${names}, not for ${host}`,
    advice: 'Put one for this host there.',
  }
}
