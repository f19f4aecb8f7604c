import type { Risk } from '../features/declare.js'
import type { ConfigMap } from '../snapshot/objects.js'
import { parseBoolean } from '../features/kinds/boolean.js'

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

/** From the least on. */
export const RISKS: readonly Risk[] = ['low', 'medium', 'high', 'critical']

/** Keys that are read here. */
export const policyKeys = [
  'allow-snippet-annotations',
  'annotations-risk-level',
  'annotation-value-word-blocklist',
  'global-allowed-response-headers',
  'strict-validate-path-type',
]

/** A value that cannot be read counts as the stricter one; `readGlobalSettings` says what is wrong with it. */
export function readPolicy(configMap: ConfigMap | undefined): Policy {
  const data: Readonly<Record<string, string>> = configMap?.data ?? {}
  return {
    allowSnippets: parseBoolean(data['allow-snippet-annotations'] ?? '') === true,
    blockedWords: listOf(data['annotation-value-word-blocklist']).filter((word) => word !== ''),
    responseHeaders: listOf(data['global-allowed-response-headers']).filter((name) => /^[A-Za-z0-9_-]+$/.test(name)),
    riskLevel: RISKS.find((risk) => risk === data['annotations-risk-level']?.trim().toLowerCase()) ?? 'high',
    strictPathType: parseBoolean(data['strict-validate-path-type'] ?? '') !== false,
  }
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').map((item) => item.trim())
}
