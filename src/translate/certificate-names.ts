import type { X509Certificate } from 'node:crypto'

/**
 * The names a certificate is for, in lower case: the DNS names of the subject alternative name, or the last common name
 * where there is no such extension at all (CERT-2).
 */
export function namesOf(certificate: X509Certificate): string[] {
  // null, against its declaration, where the extension is there and cannot be read.
  const alternative: string | null | undefined = certificate.subjectAltName
  if (alternative === undefined) return commonNames(certificate).slice(-1)
  return alternative === null ? [] : dnsNames(alternative)
}

/** Whether a certificate for `names` (lower case) is good for `host`; a wildcard stands for one label (RFC 9525, 6.3). */
export function coversHost(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase()
  const dot = wanted.indexOf('.')
  const wildcard = dot > 0 ? `*${wanted.slice(dot)}` : wanted
  return names.some((name) => name === wanted || name === wildcard)
}

/** One entry of Node's text for the extension. A value with anything unusual in it, a comma say, is a JSON string. */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy

/** Quoted values are left out: no host name needs the quotes. */
function dnsNames(alternative: string): string[] {
  const names: string[] = []
  for (const [, kind, name] of alternative.matchAll(ENTRY)) {
    if (kind === 'DNS' && name !== undefined && name !== '' && !name.startsWith('"')) names.push(name.toLowerCase())
  }
  return names
}

/**
 * The attributes of the subject are a line each, or beside each other with ` + `, which OpenSSL escapes within a value.
 * Not `toLegacyObject`: if nothing of TLS was loaded before, Node 20 has no `tls.createSecureContext` ever after.
 */
function commonNames(certificate: X509Certificate): string[] {
  // undefined, against its declaration, where the subject is empty.
  const subject: string | undefined = certificate.subject
  return (subject ?? '')
    .split(/\n| \+ /)
    .filter((attribute) => attribute.startsWith('CN='))
    .map((attribute) => attribute.slice('CN='.length).toLowerCase())
}
