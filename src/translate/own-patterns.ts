import type { DeclaredIngress } from './ingress.js'
import { patternOf } from './regex-paths.js'
import { wantsRegex } from './wants-regex.js'

/** The patterns that an Ingress makes by itself: all its paths of a host, where one of them is a regular expression. */
export function ownPatterns(
  declared: DeclaredIngress,
): readonly { readonly path: string; readonly pattern: string; readonly field: string }[] {
  return declared.rules
    .filter(({ paths }) => paths.some((path) => wantsRegex(path, declared.features)))
    .flatMap(({ paths }) =>
      paths.map(({ path, field }) => ({ path, pattern: patternOf(path), field: `${field}.path` })),
    )
}
