import type { Ingress } from '../snapshot/objects.js'

/** Text that has no business in a host, path or TLS entry (SEL-7). */
const FORBIDDEN: readonly RegExp[] = [
  /alias\s+.*;/,
  /root\s+.*;/,
  /\/etc\/(passwd|shadow|group|nginx|ingress-controller)/,
  /\/var\/run\/secrets/,
  /_by_lua/,
]

/** The first field of an Ingress that holds forbidden text (SEL-7, `--deep-inspect`); undefined when there is none. */
export function findForbiddenText(ingress: Ingress): string | undefined {
  for (const [r, rule] of ingress.rules.entries()) {
    if (isForbidden(rule.host)) return `spec.rules[${r}].host`
    for (const [p, { path }] of (rule.paths ?? []).entries()) {
      if (isForbidden(path)) return `spec.rules[${r}].http.paths[${p}].path`
    }
  }
  for (const [t, tls] of ingress.tls.entries()) {
    if (isForbidden(tls.secretName)) return `spec.tls[${t}].secretName`
    const h = tls.hosts.findIndex(isForbidden)
    if (h >= 0) return `spec.tls[${t}].hosts[${h}]`
  }
  return undefined
}

function isForbidden(text: string): boolean {
  return FORBIDDEN.some((pattern) => pattern.test(text))
}
