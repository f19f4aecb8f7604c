import { printConfig } from '../../src/nginx/print.js'
import type { Route, SettingsDocument } from '../../src/model/documents.js'
import type { Problem } from '../../src/problems/problem.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate, type Translation } from '../../src/translate/translate.js'
import { snapshotOf } from '../cases/world-of-case.js'

export const PREFIX = 'nginx.ingress.kubernetes.io'

/** What became of one Ingress. */
export interface Translated {
  readonly translation: Translation
  readonly route: Route
  readonly settings: SettingsDocument
  /** The lines of its profile; none where it has none. */
  readonly profile: readonly string[]
  readonly problems: readonly Problem[]
  /** Whether its paths answer 503. */
  readonly closed: boolean
}

export interface Asked {
  readonly annotations?: Readonly<Record<string, string>>
  readonly configMap?: Readonly<Record<string, string>>
  /** Other objects of the world. */
  readonly objects?: readonly object[]
  /** By name of a profile, why NGINX refused it. */
  readonly refused?: ReadonlyMap<string, string>
}

/** Translates the Ingress `app` of `a.test` with these annotations, written without their prefix. */
export function translated({ annotations = {}, configMap, objects = [], refused = new Map() }: Asked): Translated {
  const main = {
    kind: 'ConfigMap',
    metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
    data: configMap,
  }
  const world = [ingress('app', annotations), ...(configMap === undefined ? [] : [main]), ...objects]
  const translation = translate(snapshotOf(world), defaultTranslateOptions, {
    fallbackCertificate: { chain: 'chain', key: 'key' },
    now: 0,
    refusedProfiles: refused,
  })
  const host = translation.documents.get('h:a.test')
  const settings = translation.documents.get('s:settings')
  if (host === undefined || !('paths' in host)) throw new Error('There is no such host')
  if (settings === undefined || !('tries' in settings)) throw new Error('There are no settings')
  const route = (host.paths.kind === 'literal' ? host.paths.prefix['/app'] : undefined) ?? host.root
  const found = translation.profiles.find(({ name }) => name === route.profile)
  return {
    translation,
    route,
    settings,
    profile: found === undefined ? [] : printConfig(found.directives).trim().split('\n'),
    problems: translation.problems,
    closed: route.action.kind === 'answer' && route.action.status === 503,
  }
}

/** Serves a path of its host from the Service `app`. */
export function ingress(
  name: string,
  annotations: Readonly<Record<string, string>>,
  host = 'a.test',
  path = '/app',
): object {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  return {
    kind: 'Ingress',
    metadata: {
      name,
      annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value])),
    },
    spec: { rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }] },
  }
}
