import { describeObject, type Problem } from '../problems/problem.js'
import type { HostCell } from './host.js'
import type { Origin } from './path-origin.js'
import type { CanaryPlace, DeclaredBackend, DeclaredIngress } from './ingress.js'
import type { Ownership } from './ownership.js'
import { problemOf, referenceOf } from './reference.js'

/** A place of a canary beside a host. */
export interface CanaryMember {
  readonly declared: DeclaredIngress
  readonly place: CanaryPlace
}

/** A canary that has found a main upstream to stand beside. */
export interface Claim {
  /** Key of the main upstream. */
  readonly main: string
  readonly declared: DeclaredIngress
  readonly host: string
  readonly field: string
  readonly backend: DeclaredBackend
  /** Place in its Ingress, from 0. */
  readonly order: number
}

export interface HostClaims {
  readonly claims: readonly Claim[]
  /** Of places that have found none. */
  readonly problems: readonly Problem[]
}

/**
 * What the canaries of a host stand beside (CAN-2..4). `cell`: the host, if anybody else declares it. A canary is one of a
 * Service on all hosts that lead to it: beside those of a namespace that owns a host or was lent one, only its own may stand.
 */
export function claimMains(
  members: readonly CanaryMember[],
  cell: HostCell | undefined,
  { holders }: Pick<Ownership, 'holders'>,
): HostClaims {
  const mains = cell === undefined ? [] : [...cell.origins].map(([{ path }, origin]): Main => ({ path, origin }))
  const byName = new Map(mains.map((main) => [nameOf(main.path, main.origin.pathType), main]))
  const claims: Claim[] = []
  const problems: Problem[] = []
  for (const { declared, place } of members) {
    const { path, backend, host } = place
    const field = path?.field ?? backend.field
    const same = path === undefined ? undefined : byName.get(nameOf(path.path, path.pathType))
    const found = path === undefined ? mains : same === undefined ? [] : [same]
    const isForeign = ({ origin }: Main): boolean =>
      origin.ingress.namespace !== declared.ingress.namespace && holders.has(origin.ingress.namespace)
    const foreign = found.find(isForeign)
    if (foreign !== undefined) problems.push(foreignProblem(declared, field, foreign.origin))
    const keys = new Set(found.filter((main) => !isForeign(main)).map(({ origin }) => origin.backend.key))
    const order = declared.canary?.places.indexOf(place) ?? 0
    for (const main of keys) if (main !== backend.key) claims.push({ main, declared, host, field, backend, order })
    if (found.length === 0) problems.push(noMainProblem(declared, field, place, mains))
    else if (keys.size === 1 && keys.has(backend.key)) problems.push(sameBackendProblem(declared, backend))
  }
  return { claims, problems }
}

/** A path of a host that leads to a Service. */
interface Main {
  readonly path: string
  readonly origin: Origin
}

/** What default backends answer for has no type, and so no canary that names a path. */
function nameOf(path: string, pathType: Origin['pathType']): string {
  return `${pathType ?? ''} ${path}`
}

function noMainProblem(
  { ingress }: DeclaredIngress,
  field: string,
  { host, path }: CanaryPlace,
  mains: readonly Main[],
): Problem {
  const where = host === '_' ? 'the default server' : `host ${host}`
  if (path === undefined) {
    const message = `Nobody but canaries has a path of ${where} that leads to a Service, so this canary is not used.`
    return problemOf('canary/no-main', ingress, field, message)
  }
  const other = mains.find(({ path: text, origin }) => text === path.path && origin.pathType !== undefined)?.origin
  const hint =
    other === undefined
      ? 'Give it the host, path and pathType of a path of the main Ingress.'
      : `${describeObject(referenceOf(other.ingress))} (${other.field}) declares it as ${other.pathType ?? ''}; the pathType has to be the same.`
  const message = `No other Ingress declares the ${path.pathType} path ${JSON.stringify(path.path)} of ${where}, so this canary is not used. ${hint}`
  return problemOf('canary/no-main', ingress, field, message)
}

function foreignProblem({ ingress }: DeclaredIngress, field: string, { ingress: main, backend }: Origin): Problem {
  const message = `Service ${backend.serviceKey} of ${describeObject(referenceOf(main))} is of namespace ${main.namespace}, which has hosts of its own (host-owners of the main ConfigMap), and this canary is of namespace ${ingress.namespace}: it would get requests for all of them. It is not used there.`
  return problemOf('host/owned', ingress, field, message)
}

function sameBackendProblem({ ingress }: DeclaredIngress, { field, key }: DeclaredBackend): Problem {
  const message = `The main Ingress leads to the Service port ${key} too, so this canary makes no difference and is not used.`
  return problemOf('canary/same-backend', ingress, field, message)
}
