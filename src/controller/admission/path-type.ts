import type { Ingress } from '../../snapshot/objects.js'

/** What a path that is not ImplementationSpecific may consist of (`strict-validate-path-type`). */
const PLAIN = /^\/[A-Za-z0-9._/-]*$/

/** ADM-2, check 6: the first Exact or Prefix path with other characters; undefined when there is none. */
export function findUnplainPath(ingress: Ingress): { readonly field: string; readonly message: string } | undefined {
  for (const [r, { paths = [] }] of ingress.rules.entries()) {
    for (const [p, { path, pathType }] of paths.entries()) {
      if (pathType === 'ImplementationSpecific' || path === '' || PLAIN.test(path)) continue
      const message = `the path ${JSON.stringify(path)} cannot be of type ${pathType}: such a path begins with "/" and has letters, digits, ".", "_", "-" and "/" only. Use pathType ImplementationSpecific for anything else.`
      return { field: `spec.rules[${r}].http.paths[${p}].path`, message }
    }
  }
  return undefined
}
