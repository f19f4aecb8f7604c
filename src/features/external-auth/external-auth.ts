import type { AuthService } from '../../model/auth-service.js'
import type { RouteFeatures } from '../../model/features.js'
import { isUnderOwnHost, namedHosts, underHost } from '../../snapshot/auth-url.js'
import { type Complaint, type Context, type Contribution, family } from '../declare.js'
import { isExemptFromAuth, noAuthLocationsSetting } from '../no-auth-locations.js'
import { crossNamespaceSetting } from '../other-namespace.js'
import { externalAuthAnnotations, globalSettings } from './annotations.js'
import { type ReadService, readService } from './read-service.js'
import { pathVariablesIn } from './variable-names.js'
import { type Wish, wishOfConfigMap, wishOfIngress } from './wish.js'

/** EXT-1..14. Source: annotations.md section 5; ngx_http_auth_request_module. docs/design/external-auth.md. */
export const externalAuth = family({
  name: 'external-auth',
  title: 'External authentication',
  doc: 'A service of yours is asked about each request before it goes to the backend: 2xx lets it in, 401 and 403 are given to the client, and anything else, no answer or a late one is a 500. The keys of the ConfigMap that begin with global-auth- name a service for all Ingresses that have no auth-url; an auth-url takes the place of all of them. Paths that begin with an item of no-auth-locations are open.',
  annotations: externalAuthAnnotations,
  settings: { ...globalSettings, ...noAuthLocationsSetting, ...crossNamespaceSetting },
  contribute: (values, context): Contribution => {
    const url = values['auth-url']
    if (url !== undefined) return contributionOf(wishOfIngress(url, values), context)
    const unused = [...complaintsWithoutUrl(context)]
    if (values['enable-global-auth'] === false) return { complaints: unused }
    const wish = wishOfConfigMap(context.setting)
    if (wish === undefined) return { complaints: unused }
    if ('unreadable' in wish) {
      const message = `The key ${wish.unreadable} of the main ConfigMap, which counts here because the Ingress has no auth-url, cannot be read.`
      return { complaints: [{ annotation: 'auth-url', message, instead: 'close' }] }
    }
    const { complaints = [], ...contribution } = contributionFrom([['', readService(wish, context)]], context)
    return { ...contribution, complaints: complaints.map(ofConfigMap) }
  },
})

/** The field that is wrong is one of the ConfigMap, and counts in place of the annotation of each Ingress. */
function ofConfigMap({ annotation, message, instead }: Complaint): Complaint {
  return { annotation: 'auth-url', message: `global-${annotation} of the main ConfigMap: ${message}`, instead }
}

function contributionOf(wish: Wish, context: Context): Contribution {
  if (!isUnderOwnHost(wish.url)) return contributionFrom([['', readService(wish, context)]], context)
  const hosts = namedHosts(context.ingress)
  if (hosts === undefined) {
    const message = `${JSON.stringify(wish.url)} has the host that was asked for in it, and this Ingress has a host that is no name to ask for.`
    return { complaints: [{ annotation: 'auth-url', message, instead: 'close' }] }
  }
  const read = hosts.map((host) => [host, readService({ ...wish, url: underHost(wish.url, host) }, context)] as const)
  return contributionFrom(read, context)
}

/** By host; of one service, whatever the host. */
function contributionFrom(
  read: readonly (readonly [host: string, read: ReadService])[],
  context: Context,
): Contribution {
  const complaints = read.flatMap(([, one]) => one.complaints)
  const services = read.flatMap(([host, { service }]) =>
    service === undefined ? [] : [{ host, service, key: keyOf(service, context) }],
  )
  const [first] = services
  if (first === undefined || services.length < read.length) return { complaints: complaints.slice(0, 1) }
  const variables = pathVariablesIn(first.service)
  const route: RouteFeatures = {
    externalAuth: {
      service: first.key,
      ...(services.length === 1 ? {} : { services: Object.fromEntries(services.map(({ host, key }) => [host, key])) }),
      ...(variables === undefined ? {} : { variables }),
    },
  }
  return {
    route: (path) => (isExemptFromAuth(path, context) ? undefined : route),
    attachments: services.map(({ key, service }) => ({ key, attachment: service })),
    complaints,
  }
}

/** Addresses come and go while the service stays the same: then one document changes, and no route. */
function keyOf(service: AuthService, { digest }: Context): string {
  return `auth/${digest(JSON.stringify({ ...service, addresses: [] }))}`
}

/** Who says where to sign in means that somebody should; the other annotations only say how. */
function* complaintsWithoutUrl({ has, setting }: Context): Iterable<Complaint> {
  if (setting('global-auth-url') !== undefined) return
  for (const annotation of ['auth-snippet', 'auth-signin']) {
    if (!has(annotation)) continue
    const message = `${annotation} needs an auth-url, and there is none: nobody would be asked. Add it, or remove ${annotation} if the paths may be open to everyone.`
    yield { annotation, message, instead: 'close' }
  }
}
