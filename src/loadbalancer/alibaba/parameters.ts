/** What an action is given; lists and mappings become dotted names, counted from 1. */
export type Parameter = string | number | boolean | undefined | readonly Parameter[] | ParameterMap
export interface ParameterMap {
  readonly [name: string]: Parameter
}

/**
 * `{ Tag: [{ Key: 'a' }] }` as `{ 'Tag.1.Key': 'a' }`; what is undefined is left out.
 *
 * @source loadbalancer.md section 6.1
 */
export function flatten(parameters: ParameterMap): Record<string, string> {
  const flat: Record<string, string> = {}
  const add = (name: string, value: Parameter): void => {
    if (value === undefined) return
    if (typeof value !== 'object') flat[name] = String(value)
    else if (isList(value)) value.forEach((item, index) => add(`${name}.${index + 1}`, item))
    else for (const [key, item] of Object.entries(value)) add(`${name}.${key}`, item)
  }
  for (const [name, value] of Object.entries(parameters)) add(name, value)
  return flat
}

function isList(value: readonly Parameter[] | ParameterMap): value is readonly Parameter[] {
  return Array.isArray(value)
}
