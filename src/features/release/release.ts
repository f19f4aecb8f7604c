import { createHash } from 'node:crypto'
import type { ReleaseSettings, SplitRule, Weight } from '../../model/features.js'
import { escapePath } from '../../request/escape.js'
import type { Ingress } from '../../snapshot/objects.js'
import { type Complaint, family, type PathContext, type ServicePair } from '../declare.js'
import { matchTexts, type MatchText, weightTexts, type WeightText } from './texts.js'

/** Source: ack.md section 3.1. */
export const release = family({
  name: 'release',
  title: 'Service releases',
  doc: 'An Ingress that lists two Services for one host and path sends requests to the first, the old one, and those that these annotations say to the second, the new one. A client that a weight has sent somewhere stays there for eight hours, by a cookie.',
  annotations: {
    'service-match': {
      kind: matchTexts,
      doc: 'Which requests the new Service serves: those whose header, cookie or query argument is a text or matches a regular expression (PCRE, searched). With service-weight only these are divided.',
      effect: 'path',
      risk: 'medium',
      bad: 'off',
      fallback: '-',
      example: 'front-next: header("X-User", /^(alice|bob)$/)',
    },
    'service-weight': {
      kind: weightTexts,
      doc: 'How requests are divided between the two Services, as numbers in relation to each other; a Service that is not named has 100.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '-',
      example: 'front: 80, front-next: 20',
    },
  },
  contribute: (values, context) => {
    const matches = values['service-match']
    const weights = values['service-weight']
    if (matches === undefined && weights === undefined) return {}
    const isRegex = context.has('use-regex')
    return {
      pairs: true,
      patterns: (matches ?? [])
        .filter(({ test }) => test === 'pattern')
        .map(({ value }) => ({ annotation: 'service-match', pattern: value, instead: REFUSED })),
      route: (path) => {
        const settings = settingsOf(path, matches ?? [], weights ?? [], isRegex)
        return settings === undefined ? undefined : { release: settings }
      },
      complaints: hasPair(context.ingress)
        ? []
        : [withoutPair(matches === undefined ? 'service-weight' : 'service-match')],
    }
  },
})

const REFUSED = 'The requests that it is about go to the old Service.'

function settingsOf(
  { path, pair }: PathContext,
  matches: readonly MatchText[],
  weights: readonly WeightText[],
  isRegex: boolean,
): ReleaseSettings | undefined {
  if (pair === undefined) return undefined
  const weight = weightOf(pair, weights)
  const rules = rulesOf(pair, matches, weight !== undefined)
  if (weight === undefined && rules.length === 0) return undefined
  return {
    upstream: pair.alternative.key,
    rules,
    ...(weight === undefined ? {} : { weight }),
    cookie: createHash('md5').update(`${pair.host}${path}`).digest('hex'),
    cookiePath: isRegex ? '/' : escapePath(path).replaceAll(';', '%3B'),
  }
}

/** A share of 100, rounded down; a sum of 0 is none. */
function weightOf({ main, alternative }: ServicePair, weights: readonly WeightText[]): Weight | undefined {
  const of = (service: string): number | undefined => weights.find((one) => one.service === service)?.weight
  const [old, next] = [of(main.service), of(alternative.service)]
  if (old === undefined && next === undefined) return undefined
  const sum = (old ?? 100) + (next ?? 100)
  if (sum <= 0) return undefined
  return { weight: Math.floor((100 * (next ?? 100)) / sum), total: 100 }
}

/**
 * A rule for the new Service: what it finds goes there, or is divided by weight, all else stays. One for the old Service is
 * the mirror image, and is asked only where the new one has none.
 */
function rulesOf(
  { main, alternative }: ServicePair,
  matches: readonly MatchText[],
  isWeighed: boolean,
): readonly SplitRule[] {
  const own = matches.find(({ service }) => service === alternative.service)
  const mirrored = matches.find(({ service }) => service === main.service)
  const found = own ?? mirrored
  if (found === undefined) return []
  const { of, test, value } = found
  // NGINX takes - and _ of a header for the same.
  const name = of === 'header' ? found.name.replaceAll('_', '-') : found.name
  const [hit, miss] = own === undefined ? (['main', 'alternative'] as const) : (['alternative', 'main'] as const)
  return [{ of, name, test, value, hit: isWeighed ? 'next' : hit, miss, absentIsEmpty: true }]
}

/** Whether two paths of the Ingress have one host and text, and lead to different Services. */
function hasPair({ rules }: Ingress): boolean {
  const known = new Map<string, string>()
  for (const { host, paths } of rules) {
    for (const { path, backend } of paths ?? []) {
      const place = `${host.toLowerCase()} ${path === '' ? '/' : path}`
      const service = JSON.stringify(backend)
      const first = known.get(place) ?? service
      if (first !== service) return true
      known.set(place, first)
    }
  }
  return false
}

function withoutPair(annotation: string): Complaint {
  const message = `${annotation} has no effect: no two paths of this Ingress have the same host, path and pathType and lead to two Services, of which the first is the old one.`
  return { annotation, message, instead: 'off' }
}
