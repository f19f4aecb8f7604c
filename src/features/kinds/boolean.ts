/**
 * A boolean as annotations, ConfigMap keys and flags have it; undefined: the text is none. Source: Go's
 * strconv.ParseBool.
 */
export function parseBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  return undefined
}
