import type { Values } from '../configmap/index.js'
import type { Risk } from '../features/declare.js'

/** What the main ConfigMap allows Ingresses to say (configmap.md, keys marked S). */
export interface Policy {
  /** `allow-snippet-annotations`: whether an Ingress with a snippet is admitted; none is ever executed. */
  readonly allowSnippets: boolean
  /** `annotation-value-word-blocklist`, GEN-11. */
  readonly blockedWords: readonly string[]
  /** `strict-validate-path-type`. */
  readonly strictPathType: boolean
  /** `annotations-risk-level`, GEN-9: annotations above it refuse their Ingress. */
  readonly riskLevel: Risk
  /** `global-allowed-response-headers`: names that `custom-headers` may set; what is not a header name is skipped. */
  readonly responseHeaders: readonly string[]
}

/** A value that cannot be read counts as the stricter one. */
export function policyOf(values: Values): Policy {
  return {
    allowSnippets: values['allow-snippet-annotations'] ?? false,
    blockedWords: values['annotation-value-word-blocklist'] ?? [],
    responseHeaders: (values['global-allowed-response-headers'] ?? []).filter((name) => /^[A-Za-z0-9_-]+$/.test(name)),
    riskLevel: values['annotations-risk-level'] ?? 'high',
    strictPathType: values['strict-validate-path-type'] ?? true,
  }
}
