import { find, slice } from '#bytes'

/** The query of a target with its `?`, as the client sent it; empty where there is none. */
export function queryOf(target: string): string {
  const mark = find(target, '?', 0)
  return mark < 0 ? '' : slice(target, mark, target.length)
}
