export type Fields = Readonly<Record<string, unknown>>

/** A mapping in an answer; what is none counts as empty. */
export function mapping(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** A list of mappings, below names such as `LoadBalancers.LoadBalancer`. */
export function items(fields: Fields, ...path: readonly string[]): readonly Fields[] {
  let value: unknown = fields
  for (const name of path) value = mapping(value)[name]
  return Array.isArray(value) ? value.map(mapping) : []
}

/** A string, number or boolean as text; anything else is ''. */
export function text(fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
}

export function number(fields: Fields, name: string): number {
  const value = Number(text(fields, name))
  return Number.isFinite(value) ? value : 0
}

/** All members that are text, numbers or booleans. */
export function texts(fields: Fields): Record<string, string> {
  const found = Object.keys(fields).map((name) => [name, text(fields, name)] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== ''))
}

/** Texts of a list. */
export function words(fields: Fields, name: string): readonly string[] {
  const value = fields[name]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
