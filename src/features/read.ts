import type { NamedAttachment } from '../model/attachment.js'
import type { HostFeatures, RouteFeatures, SplitRules, TlsSettings } from '../model/features.js'
import { isSameDirective, placeOf, type ProfileDirective } from '../nginx/profile.js'
import type { Ingress } from '../snapshot/objects.js'
import { bodyLimitDirective, defaultBodyLimit } from './body-limit.js'
import type {
  Complaint,
  Context,
  Contribution,
  Family,
  HostNames,
  HostTls,
  Instead,
  PathContext,
  PathRules,
  Risk,
  ValuePattern,
} from './declare.js'
import type { Defaults } from './defaults.js'
import { bool } from './kinds/kinds.js'
import { refusesSomebody } from './snippets/snippets.js'
import { families } from './index.js'
import { UNREADABLE } from './unreadable.js'
import type { UpstreamWishes } from './upstream.js'
import { familiesUsed, nameUsedOf } from './used.js'

/** A value that is not used, with what happens instead. */
export interface BadValue {
  /** Without prefix. */
  readonly annotation: string
  /** `The value "x" …` or another sentence about what is wrong. */
  readonly message: string
  readonly instead: Instead
}

/** What the annotations of an Ingress come to, by the families that this version has. */
export interface ReadFeatures {
  /** Settings of a path; undefined: it is a plain one. */
  readonly route: (path: PathContext) => RouteFeatures | undefined
  readonly host: HostFeatures | undefined
  readonly tls: TlsSettings | undefined
  readonly upstream: UpstreamWishes
  /** Directives of the profile of its paths, each once; empty: the default location serves them. */
  readonly profile: readonly ProfileDirective[]
  readonly paths: PathRules | undefined
  /** Whether two Services on one path are a pair. */
  readonly pairs: boolean
  readonly names: HostNames | undefined
  readonly attachments: readonly NamedAttachment[]
  readonly hostTls: HostTls | undefined
  readonly lacksTls: boolean
  /** Regular expressions among the values. */
  readonly patterns: readonly ValuePattern[]
  /** Set where the Ingress is a canary (CAN-1). */
  readonly canary: SplitRules | undefined
  /** Name of the Service that answers for its paths where they fail (ERR-5). */
  readonly defaultBackend: string | undefined
  readonly bad: readonly BadValue[]
}

/** Risks of the annotations that some family declares, by name without prefix; an alias has that of its main name (GEN-9). */
export const declaredRisks: ReadonlyMap<string, Risk> = new Map(
  families.flatMap(({ annotations }) =>
    Object.entries(annotations).flatMap(([name, { alias, risk }]) =>
      (alias === undefined ? [name] : [name, alias]).map((one) => [one, risk] as const),
    ),
  ),
)

/** What each annotation that keeps somebody out closes where it cannot be read, by name without prefix, aliases too. */
const closings: ReadonlyMap<string, Closing> = new Map(
  families.flatMap(({ annotations }) =>
    Object.entries(annotations).flatMap(([name, { alias, protects, effect }]) => {
      if (protects !== true) return []
      const closing = effect === 'host' ? 'hosts' : 'paths'
      return (alias === undefined ? [name] : [name, alias]).map((one) => [one, closing] as const)
    }),
  ),
)

/** Paths answer 503, every request to hosts 403. */
export type Closing = 'paths' | 'hosts'

/**
 * What has to be closed of an Ingress that is refused as a whole: by the annotations that it has, whatever their
 * values. undefined: nothing. A canary has no paths of its own.
 */
export function closingOf(texts: ReadonlyMap<string, string>): Closing | undefined {
  const canary = bool.parse(texts.get('canary') ?? '')
  if (canary.ok && canary.value) return undefined
  let found: Closing | undefined
  for (const [name, text] of texts) {
    const closing = closings.get(name) ?? (refusesSomebody(name, text) ? 'paths' : undefined)
    if (closing === 'hosts') return closing
    found ??= closing
  }
  return found
}

/** Whether an annotation, by its name without prefix, keeps somebody out; of a snippet its text says that. */
export function isProtecting(name: string, text: string): boolean {
  return closings.has(name) || refusesSomebody(name, text)
}

export const declaredNames: ReadonlySet<string> = new Set(declaredRisks.keys())

/** Looks of the families at other objects; the caller remembers them. */
export type Lookups = Omit<Context, 'ingress' | 'has' | 'setting'>

/**
 * Reads an Ingress with every family.
 *
 * @param texts its annotations by name without prefix, only those with our prefix
 */
export function readFeatures(
  ingress: Ingress,
  texts: ReadonlyMap<string, string>,
  defaults: Defaults,
  lookups: Lookups,
): ReadFeatures {
  const bad: BadValue[] = []
  const contributions: Contribution[] = []
  const profile = new Map<string, ProfileDirective>()
  const context: Context = { ...lookups, ingress, has: (name) => texts.has(name), setting: (key) => defaults.get(key) }
  for (const one of familiesUsed(texts, defaults)) {
    const empty: BadValue[] = []
    const values = readValues(one, texts, defaults, bad, empty)
    if (values === undefined) continue
    const contribution = one.contribute(values, context)
    const closes = contribution.complaints?.some(({ instead }) => instead === 'close' || instead === 'forbid') === true
    // Else it would be said to be open, which it is not.
    if (!closes) bad.push(...empty)
    contributions.push(contribution)
    bad.push(...(contribution.complaints ?? []).map(badValueOf))
    bad.push(...addToProfile(profile, contribution.profile ?? [], () => nameUsedOf(one, texts, defaults)))
  }
  // NGINX would take its own default for the location of a profile.
  if (profile.size > 0 && !profile.has('client_max_body_size')) {
    profile.set('client_max_body_size', bodyLimitDirective(defaultBodyLimit(defaults)))
  }
  return {
    route: routeOf(contributions),
    host: merged(contributions.map(({ host }) => host)),
    tls: merged(contributions.map(({ tls }) => tls)),
    upstream: {
      features: merged(contributions.map(({ upstream }) => upstream)),
      throughService: contributions.some(({ throughService }) => throughService === true),
    },
    profile: [...profile.values()],
    paths: merged(contributions.map(({ paths }) => paths)),
    pairs: contributions.some(({ pairs }) => pairs === true),
    names: merged(contributions.map(({ names }) => names)),
    attachments: contributions.flatMap(({ attachments }) => attachments ?? []),
    hostTls: contributions.find(({ hostTls }) => hostTls !== undefined)?.hostTls,
    lacksTls: contributions.some(({ lacksTls }) => lacksTls === true),
    patterns: contributions.flatMap(({ patterns }) => patterns ?? []),
    defaultBackend: contributions.find(({ defaultBackend }) => defaultBackend !== undefined)?.defaultBackend,
    canary: contributions.find(({ canary }) => canary !== undefined)?.canary,
    bad,
  }
}

/** Adds what a family wants; where another one wants the same directive otherwise, nobody can have it. */
function addToProfile(
  profile: Map<string, ProfileDirective>,
  wanted: readonly ProfileDirective[],
  nameUsed: () => string | undefined,
): readonly BadValue[] {
  return wanted.flatMap((directive): BadValue[] => {
    const other = profile.get(placeOf(directive))
    profile.set(placeOf(directive), other ?? directive)
    if (other === undefined || isSameDirective(other, directive)) return []
    const annotation = nameUsed() ?? ''
    const message = `What ${annotation} needs of NGINX's directive ${directive.name} is something else than what another annotation of this Ingress needs. Leave one of them out.`
    return [{ annotation, message, instead: 'close' }]
  })
}

/** undefined: the family is off because of a bad value. */
function readValues(
  { annotations }: Family,
  texts: ReadonlyMap<string, string>,
  defaults: Defaults,
  bad: BadValue[],
  empty: BadValue[],
): Record<string, unknown> | undefined {
  const values: Record<string, unknown> = {}
  const unreadable: (BadValue & { readonly under: string | undefined })[] = []
  let off = false
  for (const [name, annotation] of Object.entries(annotations)) {
    const { used, text } = textFor(name, annotation.alias, texts)
    const fallback = defaults.get(name)
    const isUnreadable = fallback === UNREADABLE
    values[name] = isUnreadable ? undefined : fallback
    if (isUnreadable && (text === undefined || text === '')) {
      const message = `The key ${annotation.configMapKey ?? name} of the main ConfigMap, which counts here because the Ingress says nothing else, cannot be read.`
      unreadable.push({ annotation: name, message, instead: 'close', under: annotation.under })
    }
    if (text === undefined) continue
    if (text === '') {
      if (annotation.empty === 'close')
        bad.push({ annotation: used, message: `${used} is present but empty.`, instead: 'close' })
      // A text that a template left empty looks like protection, and is none.
      if (annotation.empty === 'said' && !isUnreadable)
        empty.push({ annotation: used, message: `${used} ${EMPTY}`, instead: 'default' })
      continue
    }
    const read = annotation.kind.parse(text)
    if (read.ok) {
      values[name] = read.value
      continue
    }
    const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
    const message = `The value ${shown} is not used: it ${read.reason}. A value that works: ${JSON.stringify(annotation.example)}.`
    bad.push({ annotation: used, message, instead: annotation.bad })
    off ||= annotation.bad === 'off'
  }
  for (const { under, ...value } of unreadable) if (under === undefined || values[under] === true) bad.push(value)
  return off ? undefined : values
}

const EMPTY =
  'is present but empty, which counts as if it were not there. Give it a value if it is to keep somebody out, or remove it.'

/** Blanks around each line do not count (annotations.md section 0.3); an alias counts where its main name says nothing. */
function textFor(
  name: string,
  alias: string | undefined,
  texts: ReadonlyMap<string, string>,
): { readonly used: string; readonly text: string | undefined } {
  const own = trimmed(texts.get(name))
  if ((own ?? '') !== '' || alias === undefined) return { used: name, text: own }
  const other = trimmed(texts.get(alias))
  return other === undefined ? { used: name, text: own } : { used: alias, text: other }
}

function trimmed(text: string | undefined): string | undefined {
  return text
    ?.split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim()
}

function badValueOf({ annotation, message, instead }: Complaint): BadValue {
  return { annotation, message, instead }
}

function routeOf(contributions: readonly Contribution[]): ReadFeatures['route'] {
  const routes = contributions.flatMap(({ route }) => (route === undefined ? [] : [route]))
  if (routes.every((route) => typeof route !== 'function')) {
    const same = merged(routes)
    return () => same
  }
  return (path) => merged(routes.map((route) => (typeof route === 'function' ? route(path) : route)))
}

/** One object of all members; undefined when there is none. */
function merged<T extends object>(parts: readonly (T | undefined)[]): T | undefined {
  const all: T = Object.assign({}, ...parts)
  return Object.keys(all).length === 0 ? undefined : all
}
