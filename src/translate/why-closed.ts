import type { ProblemCode } from '../problems/catalogue.js'
import { describeObject } from '../problems/problem.js'
import { type HostCell, ingressesOf } from './host.js'
import type { DeclaredIngress } from './ingress.js'
import { referenceOf } from './reference.js'
import type { Translation } from './translate.js'

const CLOSING: readonly ProblemCode[] = ['annotation/closed', 'annotation/refused']

/** The Ingress that forbids a whole host (403), and what is said of that. */
export function whyHostClosed({ input }: HostCell, translation: Translation): string {
  const forbidding = ingressesOf(input).find(({ features }) => features.host?.forbidden === true)
  return because('the host is closed', forbidding, translation)
}

/** Why a path of an Ingress answers 503. */
export function whyPathClosed(ingress: DeclaredIngress['ingress'] | undefined, translation: Translation): string {
  const declared = ingress === undefined ? undefined : translation.declared.get(`${ingress.namespace}/${ingress.name}`)
  return because('the path is closed', declared, translation)
}

function because(what: string, declared: DeclaredIngress | undefined, { closed }: Translation): string {
  if (declared === undefined) return `${what}; "fairlead check" says why`
  const { judged, problems } = declared
  const found = problems.filter(({ code }) => CLOSING.includes(code)).map(({ message }) => message)
  const messages = [...found, ...[closed.get(`${judged.namespace}/${judged.name}`) ?? []].flat()]
  const why = messages.length === 0 ? '"fairlead check" says why' : messages.join(' ')
  return `${what} by ${describeObject(referenceOf(judged))}: ${why}`
}
