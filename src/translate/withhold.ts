import type { HostNames } from '../features/declare.js'
import { DEFAULT_HOST } from '../model/keys.js'
import type { Problem } from '../problems/problem.js'
import type { DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { otherOf } from './other-names.js'
import { findOwned, mayUse, type Ownership } from './ownership.js'
import { problemOf } from './reference.js'

/** Every name that an Ingress wants requests of; `_` stands for names that nobody declares. */
export function namesWanted({ rules, canary, features: { names }, catchAll }: DeclaredIngress): readonly string[] {
  const hosts = rules.map(({ host }) => host)
  return [
    ...hosts,
    ...(canary?.places ?? []).map(({ host }) => host),
    ...(names?.aliases ?? []),
    ...(names?.wwwRedirect === true ? hosts.flatMap((host) => otherOf(host) ?? []) : []),
    ...(catchAll || names?.patterns !== undefined ? [DEFAULT_HOST] : []),
  ]
}

/**
 * An Ingress without its rules, canary places, aliases and redirects for names that belong to others, each of them said. One
 * that may use all its names is given back as it is, and `known` where it is what this comes to again.
 */
export function withholdForeign(
  declared: DeclaredIngress,
  ownership: Ownership,
  options: TranslateOptions,
  known: DeclaredIngress | undefined,
): DeclaredIngress {
  const { ingress, rules, canary, catchAll, features } = declared
  const may = (name: string): boolean => mayUse(ownership, ingress.namespace, name)
  const { names } = features
  const problems: Problem[] = []
  const refused: { readonly name: string; readonly field: string }[] = []
  const refuse = (name: string, field: string, instead: string): void => {
    const message = `${belongs(name, ownership, options)}, and this Ingress is of namespace ${ingress.namespace}. ${instead} ${remedy(name, ownership, options, ingress.namespace)}`
    problems.push(problemOf('host/owned', ingress, field, message))
    refused.push({ name, field })
  }
  const keptRules = rules.filter(({ host }) => may(host))
  for (const { host, field } of rules) if (!may(host)) refuse(host, `${field}.host`, 'This rule is not served.')
  const places = canary?.places ?? []
  const keptPlaces = places.filter(({ host }) => may(host))
  for (const { host, backend, path } of places)
    if (!may(host)) refuse(host, path?.field ?? backend.field, 'The canary is not used there.')
  const keepsCatchAll = !catchAll || may(DEFAULT_HOST)
  if (!keepsCatchAll) refuse(DEFAULT_HOST, 'spec.defaultBackend', 'The default backend is not used.')
  const field = (annotation: string): string => `metadata.annotations["${options.annotationsPrefix}/${annotation}"]`
  for (const name of names?.aliases ?? [])
    if (!may(name)) refuse(name, field('server-alias'), 'The alias is not served.')
  const keepsPatterns = names?.patterns === undefined || may(DEFAULT_HOST)
  if (!keepsPatterns) refuse(DEFAULT_HOST, field('server-alias'), 'No name is found by its patterns.')
  const redirected = names?.wwwRedirect === true ? keptRules.flatMap(({ host }) => otherOf(host) ?? []) : []
  const notRedirected = redirected.filter((name) => !may(name))
  for (const name of notRedirected) refuse(name, field('from-to-www-redirect'), 'It is not redirected.')
  if (problems.length === 0) return declared
  const said = JSON.stringify(problems.map(({ message, field: at }) => [at, message]))
  if (known?.withheld?.from === declared && known.withheld.said === said) return known
  const left = { rules: keptRules, defaultBackend: keepsCatchAll ? declared.defaultBackend : undefined }
  return {
    ...declared,
    ...left,
    catchAll: catchAll && keepsCatchAll,
    ...(canary === undefined ? {} : { canary: { ...canary, places: keptPlaces } }),
    features: { ...features, names: keptNames(names, may, keepsPatterns, notRedirected) },
    backends: declared.backends.filter((backend) => isStillNamed(backend, left)),
    problems: [...declared.problems, ...problems],
    withheld: { from: declared, names: refused, said },
  }
}

function keptNames(
  names: HostNames | undefined,
  may: (name: string) => boolean,
  keepsPatterns: boolean,
  notRedirected: readonly string[],
): HostNames | undefined {
  if (names === undefined) return undefined
  const { aliases, patterns, ...others } = names
  const kept = aliases?.filter(may) ?? []
  return {
    ...others,
    ...(kept.length === 0 ? {} : { aliases: kept }),
    ...(patterns === undefined || !keepsPatterns ? {} : { patterns }),
    ...(notRedirected.length === 0 ? {} : { notRedirected }),
  }
}

/** Upstreams of rules that are not served are nobody's business. */
function isStillNamed(
  backend: DeclaredIngress['backends'][number],
  { rules, defaultBackend }: Pick<DeclaredIngress, 'rules' | 'defaultBackend'>,
): boolean {
  if (backend.isDefault === true) return rules.length > 0 || defaultBackend !== undefined
  return backend === defaultBackend || rules.some(({ paths }) => paths.some((path) => path.backend === backend))
}

function belongs(name: string, { owned }: Ownership, { configMap }: TranslateOptions): string {
  const found = findOwned(owned, name)
  const what = name === DEFAULT_HOST ? 'What no host is declared for' : `Host ${name}`
  const owners = found?.owners ?? []
  const whom =
    owners.length === 0
      ? 'belongs to nobody, since its owner cannot be read'
      : `belongs to namespace ${owners.join(', ')}`
  return `${what} ${whom} (${JSON.stringify(found?.host)} in host-owners of ConfigMap ${configMap})`
}

function remedy(
  name: string,
  { owned }: Ownership,
  { annotationsPrefix }: TranslateOptions,
  namespace: string,
): string {
  const [owner] = findOwned(owned, name)?.owners ?? []
  if (owner === undefined || name === DEFAULT_HOST) return 'Who administers the ConfigMap can change that.'
  return `An Ingress of namespace ${owner} with this host can let it, by ${annotationsPrefix}/host-delegates: "${namespace}".`
}
