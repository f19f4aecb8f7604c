import type { Complaint } from './declare.js'
import { ofCertificates, onTheWay } from './kinds/nginx-variables.js'
import { PATH_VARIABLES, unknownVariables } from './kinds/variables.js'

const KNOWN: ReadonlySet<string> = new Set([...onTheWay, ...ofCertificates, ...PATH_VARIABLES])

/**
 * Says that a text names variables that no request has, such as `$service` for `$service_name`. Nothing stands in their
 * place.
 *
 * @param also names that mean something in this text
 */
export function complainOfUnknown(
  annotation: string,
  text: string | undefined,
  also: readonly string[] = [],
): readonly Complaint[] {
  const unknown = unknownVariables(text ?? '').filter((name) => !KNOWN.has(name) && !also.includes(name))
  if (unknown.length === 0) return []
  const names = [...new Set(unknown)].map((name) => `$${name}`).join(', ')
  const message = `${annotation} names ${names}, which no request has: nothing stands in its place.`
  return [{ annotation, message, instead: 'partly' }]
}
