/**
 * Names of documents in the table. The letter tells the kind, so that no name of one kind can be taken for another's;
 * a wildcard host is filed under its parent, which no request can name by sending `*.example.com` as its host.
 */

export function hostKey(name: string): string {
  return `h:${name}`
}

export function wildcardKey(parent: string): string {
  return `w:${parent}`
}

/** A host as it answers to names that match a pattern of it: without a certificate (ALI-5). */
export function patternHostKey(host: string): string {
  return `p:${host}`
}

/** The one document of the patterns of host names. */
export const NAMES_KEY = 'n:names'

export function upstreamKey(key: string): string {
  return `u:${key}`
}

/** Key of the upstream of a Service's first port, whatever it is called (ERR-6); no port can have this name. */
export function firstPortKey(service: string): string {
  return `${service}/(first)`
}

/** Key of the upstream that every unmatched request reaches (DEF-1). No Service can have it: theirs hold slashes. */
export const DEFAULT_BACKEND = 'default-backend'

export function certificateKey(key: string): string {
  return `c:${key}`
}

export function attachmentKey(key: string): string {
  return `a:${key}`
}

/** The one document of settings that hold for every host. */
export const SETTINGS_KEY = 's:settings'

/** The host that answers for names nobody declared. A Host header of `_` finds it as well, which is the same answer. */
export const DEFAULT_HOST = '_'

/** The certificate for names without one of their own. Others are `namespace/name`, so none can be called this. */
export const DEFAULT_CERTIFICATE = 'default'
