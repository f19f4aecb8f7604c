import type { Settings } from './nlb-store.js'
import type { Parameters } from './parameters.js'

/** Parameters that are kept as they are. */
export function settingsOf(all: Settings): Settings {
  const left = ['ClientToken', 'RegionId', 'LoadBalancerId']
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name]) => !left.includes(name) && !name.startsWith('Tag.') && !name.startsWith('ZoneMappings.'),
    ),
  )
}

export function tagsOf(given: Parameters): Map<string, string> {
  return new Map(given.items('Tag').map(({ Key = '', Value = '' }) => [Key, Value]))
}

export function hasTags(
  tags: ReadonlyMap<string, string>,
  wanted: readonly Readonly<Record<string, string>>[],
): boolean {
  return wanted.every(({ Key = '', Value }) => (Value === undefined ? tags.has(Key) : tags.get(Key) === Value))
}

export function page(given: Parameters, name: string, items: readonly object[]): object {
  const start = given.number('NextToken', 0)
  const most = Math.min(100, given.number('MaxResults', 20))
  const next = start + most < items.length ? { NextToken: String(start + most) } : {}
  return { [name]: items.slice(start, start + most), TotalCount: items.length, MaxResults: most, ...next }
}

const numbers =
  /^(ListenerPort|StartPort|EndPort|IdleTimeout|Cps|ConnectionDrainTimeout|HealthCheck(Interval|ConnectTimeout|ConnectPort)|(Un)?[Hh]ealthyThreshold)$/

/** Text of the wire as the JSON of an answer has it: numbers, booleans, and lists and mappings for dotted names. */
export function unfold(settings: Settings): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(settings)) {
    const [head = '', ...rest] = name.split('.')
    const value =
      text === 'true' ? true : text === 'false' ? false : numbers.test(rest.at(-1) ?? head) ? Number(text) : text
    if (rest.length === 0) made[head] = value
    else if (/^\d+$/.test(rest[0] ?? '')) made[head] = [...((made[head] ?? []) as unknown[]), value]
    else {
      const inner = (made[head] ?? {}) as Record<string, unknown>
      const [key = '', index] = rest
      inner[key] = index === undefined ? value : [...((inner[key] ?? []) as unknown[]), value]
      made[head] = inner
    }
  }
  return made
}
