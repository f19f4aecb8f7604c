import { suitesOf } from '../ciphers.js'
import { type Complaint, family } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { bool } from '../kinds/kinds.js'

const LONGEST_LIST = 2000

/** Also of the ConfigMap, whose list stands in a line of nginx.conf. */
export const cipherList: Kind<string> = {
  form: 'list of ciphers as OpenSSL has it',
  parse: (text) => {
    if (text.length > LONGEST_LIST) return refused(`is longer than ${LONGEST_LIST} characters`)
    return /^([A-Za-z0-9!:+_-]|@STRENGTH|@SECLEVEL=[0-5])+$/.test(text)
      ? parsed(text)
      : refused('holds what is neither a name, one of !:+-_, @STRENGTH nor @SECLEVEL= and 0 to 5')
  },
}

/** TLS-1. Source: annotations.md section 25; ngx_http_ssl_module (ssl_ciphers, ssl_prefer_server_ciphers). */
export const tls = family({
  name: 'tls',
  title: 'TLS of a host',
  doc: 'Ciphers of TLS with clients, up to version 1.2; those of version 1.3 are not affected. For each annotation the oldest Ingress of the host that has it counts.',
  annotations: {
    'ssl-ciphers': {
      kind: cipherList,
      doc: 'Ciphers, in the order in which they are preferred.',
      effect: 'host',
      risk: 'low',
      bad: 'refuse',
      fallback: 'those of the key ssl-ciphers of the ConfigMap',
      example: 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384',
    },
    'ssl-prefer-server-ciphers': {
      kind: bool,
      doc: 'Whether the order of the server counts, and not that of the client.',
      effect: 'host',
      risk: 'low',
      bad: 'default',
      fallback: 'true',
      example: 'false',
    },
  },
  contribute: (values) => {
    const ciphers = values['ssl-ciphers']
    const prefers = values['ssl-prefer-server-ciphers']
    const isEmpty = ciphers !== undefined && suitesOf(ciphers).size === 0
    return {
      tls: {
        ...(ciphers === undefined || isEmpty ? {} : { ciphers }),
        ...(prefers === undefined ? {} : { preference: prefers ? ('server' as const) : ('client' as const) }),
      },
      complaints: isEmpty ? [NOTHING_CHOSEN] : [],
    }
  },
})

const NOTHING_CHOSEN: Complaint = {
  annotation: 'ssl-ciphers',
  message: 'The list comes to no cipher that is known.',
  instead: 'default',
}
