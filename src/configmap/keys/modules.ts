import { readKeySnippet, readStreamSnippet } from '../../features/snippets/keys-instead.js'
import { ignored } from '../declare.js'

const JAEGER = 'ingress-nginx ignores it since it dropped OpenTracing.'
const ANNOTATION = 'ingress-nginx reads it and does not use it; the annotation of the name has an effect.'

const NEVER_RUN =
  'Raw configuration is never run. A problem names the settings that do what it says, and is an error where it would keep somebody out (deny, auth_basic, return 403 and the like): nothing is closed in its place.'
const snippet = ignored(NEVER_RUN, readKeySnippet)

/** Keys of modules and features that are not there, and keys that ingress-nginx only documents. Source: configmap.md. */
export const modules = {
  'use-geoip2': ignored('The engine has no module for GeoIP; variables of places are not there.'),
  'geoip2-autoreload-in-minutes': ignored('The engine has no module for GeoIP.'),
  'use-geoip': ignored('ingress-nginx ignores it since it dropped the first GeoIP.'),
  'global-external-auth': ignored('ingress-nginx fills it in itself; use the keys global-auth-*.'),
  'http-snippet': snippet,
  'main-snippet': snippet,
  'stream-snippet': ignored(NEVER_RUN, readStreamSnippet),
  'server-snippet': snippet,
  'location-snippet': snippet,
  'proxy-headers-hash-max-size': ignored('It sizes tables of a generated file; the headers here are few and fixed.'),
  'proxy-headers-hash-bucket-size': ignored('It sizes tables of a generated file; the headers here are few and fixed.'),
  'disable-ipv6-dns': ignored('Names are resolved by the controller, and NGINX uses the addresses that it finds.'),
  'upstream-hash-by': ignored(ANNOTATION),
  'upstream-hash-by-subset': ignored(ANNOTATION),
  'upstream-hash-by-subset-size': ignored(ANNOTATION),
  'jaeger-collector-host': ignored(JAEGER),
  'jaeger-collector-port': ignored(JAEGER),
  'jaeger-endpoint': ignored(JAEGER),
  'jaeger-service-name': ignored(JAEGER),
  'jaeger-propagation-format': ignored(JAEGER),
  'jaeger-sampler-type': ignored(JAEGER),
  'jaeger-sampler-param': ignored(JAEGER),
  'jaeger-sampler-host': ignored(JAEGER),
  'jaeger-sampler-port': ignored(JAEGER),
  'jaeger-trace-context-header-name': ignored(JAEGER),
  'jaeger-debug-header': ignored(JAEGER),
  'jaeger-baggage-header': ignored(JAEGER),
  'jaeger-trace-baggage-header-prefix': ignored(JAEGER),
}
