import type { RequestHeader } from '../model/request-header.js'
import { parseVariables } from '../request/variables.js'
import type { Context } from './declare.js'
import { parseObjectName, whyForeign } from './other-namespace.js'

/** What headers of some kind may be; each gives what is wrong with one, as the end of a sentence or a whole one. */
export interface HeaderRules {
  readonly whyNoName: (name: string) => string | undefined
  /** Variables in a value that no request has. */
  readonly unknownIn: (value: string) => readonly string[]
}

/** The headers in a ConfigMap that an annotation names, in order of their names; a text says what is wrong. EXT-6. */
export function readHeaderMap(
  reference: string,
  { whyNoName, unknownIn }: HeaderRules,
  context: Context,
): readonly RequestHeader[] | string {
  const named = parseObjectName(reference, context.ingress.namespace)
  if (named === undefined) return `${JSON.stringify(reference)} is not of the form namespace/name.`
  const foreign = whyForeign('ConfigMap', named, context)
  if (foreign !== undefined) return foreign
  const key = `${named.namespace}/${named.name}`
  const found = context.configMap(named.namespace, named.name)
  if (found === undefined) return `There is no ConfigMap ${key}.`
  const entries = Object.entries(found.data).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name, value] of entries) {
    const fault = whyNoName(name) ?? valueFault(name, value, unknownIn)
    if (fault !== undefined) return `ConfigMap ${key}: ${fault}`
  }
  return entries.map(([name, value]) => ({ name, value: parseVariables(toBytes(value)) }))
}

function valueFault(name: string, value: string, unknownIn: HeaderRules['unknownIn']): string | undefined {
  if (/[^\P{Cc}\t]/u.test(value)) return `The value of ${name} holds a line end or another control character.`
  const [unknown] = unknownIn(value)
  return unknown === undefined ? undefined : `No request has the variable $${unknown} in the value of ${name}.`
}

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
