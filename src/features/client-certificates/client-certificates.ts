import type { NamedAttachment } from '../../model/attachment.js'
import type { ClientSettings } from '../../model/features.js'
import { type Complaint, type Context, type Contribution, family } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { bool, int, textOf, word } from '../kinds/kinds.js'
import { crossNamespaceSetting, whyForeign } from '../other-namespace.js'
import { readAuthority } from './authority.js'

const PAGE =
  /^(https?:\/\/[\w.~:[\]-]+([/?#][\w.~:/?#[\]@!&'()*+,;=%-]*)?|\/[\w.~:/@!&'()*+,;=-]*(\?[\w.~:/?@!&'()*+,;=%-]*)?|@[\w-]+)$/

const page: Kind<string> = {
  form: 'URL with http or https, path, or @name',
  parse: (text) => (PAGE.test(text) ? parsed(text) : refused('is neither a URL with http or https, nor a path')),
}

const LONGEST_PATTERN = 1000

const subjectPattern: Kind<string> = {
  form: 'CN= and a regular expression (PCRE)',
  parse: (text) => {
    if (!text.startsWith('CN=')) return refused('does not begin with CN=')
    if (text.length > LONGEST_PATTERN) return refused(`is longer than ${LONGEST_PATTERN} characters`)
    return /^[\x20-\x7e]+$/.test(text) ? parsed(text) : refused('holds what is not a visible ASCII character')
  },
}

/** MTLS-1..8. Source: annotations.md section 6; ngx_http_ssl_module (ssl_verify_client). */
export const clientCertificates = family({
  name: 'client-certificates',
  title: 'Client certificates',
  doc: 'Which certificate clients have to present over TLS. It holds for the whole host: the oldest Ingress of the host that names a Secret decides all of it, and where any Ingress of the host names one that cannot be used, every request is answered 403. Backends get `ssl-client-verify` (`SUCCESS`, `FAILED:` and a reason, `NONE`), `ssl-client-subject-dn` and `ssl-client-issuer-dn`, and never what a client sent under these names. Plain HTTP is not affected but for `auth-tls-match-cn`: where it is not redirected, a problem says so. A request on a connection that was opened for another name is answered 421.',
  annotations: {
    'auth-tls-secret': {
      kind: textOf('namespace/name of a Secret', 'A-Za-z0-9\\-._~/:'),
      doc: 'Secret with ca.crt, which certificates of clients are verified by, and perhaps ca.crl, with what is revoked: then one list of each authority in a chain. What changes in it holds at once, for open connections too.',
      effect: 'host',
      risk: 'medium',
      bad: 'refuse',
      protects: true,
      empty: 'said',
      fallback: '-',
      example: 'default/client-ca',
      refersTo: { kind: 'Secret', keyOf: (text: string) => keyOf(text) },
    },
    'auth-tls-verify-client': {
      kind: word('on', 'off', 'optional', 'optional_no_ca'),
      doc: 'With `on`, clients without a certificate, or with one that is not valid, are answered 400; with `optional` they come in without one; with `optional_no_ca` all come in, and the backend has to look at ssl-client-verify; with `off` none is asked for.',
      effect: 'host',
      risk: 'medium',
      bad: 'default',
      protects: true,
      empty: 'said',
      fallback: 'on',
      example: 'optional',
    },
    'auth-tls-verify-depth': {
      kind: int({ from: 0 }),
      doc: 'How many certificates may stand between that of a client and a trusted one; 0 counts as 1.',
      effect: 'host',
      risk: 'low',
      bad: 'default',
      protects: true,
      fallback: '1',
      example: '2',
    },
    'auth-tls-error-page': {
      kind: page,
      doc: 'Where clients are redirected (302) instead of the answer 400; a path of the host is served in its place, if they sent a GET or HEAD.',
      effect: 'host',
      risk: 'high',
      bad: 'refuse',
      fallback: '-',
      example: 'https://www.example.com/certificates.html',
    },
    'auth-tls-pass-certificate-to-upstream': {
      kind: bool,
      doc: 'Backends get the certificate in ssl-client-cert, URL-encoded PEM.',
      effect: 'host',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
    },
    'auth-tls-match-cn': {
      kind: subjectPattern,
      doc: 'Regular expression, CN= included, that is searched for in the name of the subject (RFC 2253); others are answered 403, over plain HTTP too.',
      effect: 'host',
      risk: 'high',
      bad: 'refuse',
      protects: true,
      empty: 'said',
      fallback: '-',
      example: 'CN=(alice|bob),',
    },
  },
  settings: crossNamespaceSetting,
  contribute: (values, context) => {
    const reference = values['auth-tls-secret']
    const verify = values['auth-tls-verify-client'] ?? 'on'
    const subject = values['auth-tls-match-cn']
    const asks = verify !== 'off' && verify !== 'optional_no_ca' && context.has('auth-tls-verify-client')
    if (reference === undefined)
      return asks ? without('auth-tls-verify-client') : subject === undefined ? {} : without('auth-tls-match-cn')
    const read = readReference(reference, context)
    if (typeof read === 'string') return forbidden(read)
    const errorPage = values['auth-tls-error-page']
    const isNamed = errorPage?.startsWith('@') === true
    const clients: ClientSettings = {
      authority: read.key,
      verify,
      depth: Math.max(1, values['auth-tls-verify-depth'] ?? 1),
      ...(errorPage === undefined || isNamed ? {} : { errorPage }),
      ...(subject === undefined ? {} : { subject }),
      ...(values['auth-tls-pass-certificate-to-upstream'] === true ? { passed: true } : {}),
    }
    return {
      host: { clients },
      attachments: [read],
      ...(subject === undefined
        ? {}
        : { patterns: [{ annotation: 'auth-tls-match-cn', pattern: subject, instead: NOBODY }] }),
      ...(isNamed ? { complaints: [NAMED_PAGE] } : {}),
    }
  },
})

const NOBODY = 'Every request to the hosts of this Ingress is answered 403.'

const NAMED_PAGE: Complaint = {
  annotation: 'auth-tls-error-page',
  message: 'There are no named locations to show; write a URL, or a path of the host.',
  instead: 'default',
}

function keyOf(text: string): string | undefined {
  return /^[^/]+\/[^/]+$/.test(text) ? text : undefined
}

/** A sentence where there is nothing to verify with. */
function readReference(text: string, context: Context): NamedAttachment | string {
  const key = keyOf(text)
  if (key === undefined) return `${JSON.stringify(text)} is not of the form namespace/name.`
  const [namespace = '', name = ''] = key.split('/')
  const foreign = whyForeign('Secret', { namespace, name }, context)
  if (foreign !== undefined) return foreign
  const secret = context.secret(namespace, name)
  if (secret === undefined) return `There is no Secret ${key}.`
  const read = readAuthority(secret, context.digest)
  return read.ok
    ? { key: `authority/${key}`, attachment: read.authority }
    : `Secret ${key} cannot be used. ${read.fault}`
}

/** MTLS-1, and MTLS-2 too: without `ca.crt` nobody is let in rather than everybody. */
function forbidden(message: string): Contribution {
  return { host: { forbidden: true }, complaints: [{ annotation: 'auth-tls-secret', message, instead: 'forbid' }] }
}

function without(annotation: string): Contribution {
  const message = `${annotation} needs an auth-tls-secret with what certificates are verified by.`
  return { complaints: [{ annotation, message, instead: 'close' }] }
}
