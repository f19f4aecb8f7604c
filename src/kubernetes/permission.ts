/** What the API server has to allow. */
export interface Permission {
  readonly verbs: readonly string[]
  readonly group: string
  readonly plural: string
  /** '': in every namespace, or of a kind that has none. */
  readonly namespace: string
  /** Empty: every object. */
  readonly names: readonly string[]
}

/** A rule for a Role (in a namespace) or ClusterRole, in one line of YAML that can be put under `rules:`. */
export function printRule({ verbs, group, plural, names }: Permission): string {
  const list = (words: readonly string[]): string => `[${words.map((word) => JSON.stringify(word)).join(', ')}]`
  const only = names.length === 0 ? '' : `, resourceNames: ${list(names)}`
  return `- {apiGroups: ${list([group])}, resources: ${list([plural])}${only}, verbs: ${list(verbs)}}`
}
