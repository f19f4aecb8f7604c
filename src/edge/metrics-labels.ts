import { METHODS, METHODS_PLACE } from '../model/request-metrics.js'

/**
 * A label set as the controller reads it: fields between tabs, in which a percent sign stands before two hexadecimal
 * digits of what would be a separator: namespace, Ingress, Service, host, path, canary, method, status.
 */
export function labelsFor(route: RouteLabels, canary: string, key: number, isClass: boolean): string {
  const status = math.floor(key / METHODS_PLACE)
  const text = isClass ? `${status}xx` : string.format('%03d', status)
  const { owner, host, path } = route
  const [names] = string.gsub(owner, ' ', '\t')
  return `${names}\t${escape(host)}\t${escape(path)}\t${escape(canary)}\t${METHODS[key % METHODS_PLACE] ?? ''}\t${text}`
}

/** What all requests of a route have in common. */
export interface RouteLabels {
  /** `NAMESPACE INGRESS SERVICE` */
  readonly owner: string
  readonly host: string
  readonly path: string
}

/** Of what has no place of its own any more. */
export const OVERFLOW = '_overflow\t_overflow\t_overflow\t_overflow\t_overflow\t\t_overflow\t_overflow'

function escape(text: string): string {
  const [escaped] = string.gsub(text, '[%c%%]', (byte) => string.format('%%%02X', string.byte(byte)))
  return escaped
}
