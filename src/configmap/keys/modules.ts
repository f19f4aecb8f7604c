import { ignored } from '../declare.js'

const JAEGER = 'ingress-nginx ignores it since it dropped OpenTracing.'
const ANNOTATION = 'ingress-nginx reads it and does not use it; the annotation of the name has an effect.'

/** Keys of modules and features that are not there, and keys that ingress-nginx only documents. Source: configmap.md. */
export const modules = {
  'use-geoip2': ignored('The engine has no module for GeoIP; variables of places are not there.'),
  'geoip2-autoreload-in-minutes': ignored('The engine has no module for GeoIP.'),
  'use-geoip': ignored('ingress-nginx ignores it since it dropped the first GeoIP.'),
  'global-external-auth': ignored('ingress-nginx fills it in itself; use the keys global-auth-*.'),
  'http-snippet': ignored('Raw configuration is never executed; the keys of this page are its settings.'),
  'main-snippet': ignored('Raw configuration is never executed; the keys of this page are its settings.'),
  'stream-snippet': ignored('Raw configuration is never executed.'),
  'server-snippet': ignored('Raw configuration is never executed; redirects, headers and limits have annotations.'),
  'location-snippet': ignored(
    'Raw configuration is never executed; custom-headers, proxy-* and limit-* are its settings.',
  ),
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
