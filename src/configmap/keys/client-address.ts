import { cidrList } from '../../features/kinds/cidr-list.js'
import { type Kind, parsed } from '../../features/kinds/kind.js'
import { bool, textOf } from '../../features/kinds/kinds.js'
import { ignored, key } from '../declare.js'

const headerName = textOf('name of a header', 'A-Za-z0-9_-')

const cidrs: Kind<readonly string[]> = {
  form: cidrList.form,
  parse: (text) => {
    const read = cidrList.parse(text)
    return read.ok ? parsed(text.split(',').map((one) => one.trim())) : read
  },
}

/** Of a name that cannot be read: another header than the one that was meant is anybody's. */
export const NO_HEADER = ''

/** A word that cannot be read believes nobody. */
const believed = (doc: string): ReturnType<typeof key<boolean>> =>
  key({ kind: bool, doc, fallback: 'false', example: 'true', changes: 'frame' })

/** Whom requests come from. Source: configmap.md, "Client address and forwarded headers"; routing.md sections 8 and 9. */
export const clientAddress = {
  'use-proxy-protocol': believed(
    'Every connection begins with a PROXY header, version 1 or 2, which says where the client is; others are dropped.',
  ),
  'use-forwarded-headers': believed(
    'The address of the client is that of forwarded-for-header, and X-Forwarded-Proto, -Host and -Port are believed.',
  ),
  'enable-real-ip': believed(
    'The address of the client is that of forwarded-for-header; nothing else of the kind is believed.',
  ),
  'proxy-real-ip-cidr': key({
    kind: cidrs,
    doc: 'Who is believed about the address of the client; where it is given, about scheme, host and port too.',
    fallback: '0.0.0.0/0; about scheme, host and port everybody',
    example: '10.0.0.0/8,2001:db8::/32',
    changes: 'frame',
    strict: { read: () => [], instead: 'nobody is believed' },
    refused: { text: '255.255.255.255/32', instead: 'nobody is believed' },
  }),
  'forwarded-for-header': key({
    kind: headerName,
    doc: 'Header of the addresses that a request has come by.',
    fallback: 'X-Forwarded-For',
    example: 'CF-Connecting-IP',
    changes: 'frame',
    strict: { read: () => NO_HEADER, instead: 'no header is believed about the address' },
  }),
  'forwarded-host-header': key({
    kind: headerName,
    doc: 'Header that backends get under the name X-Original-Forwarded-Host.',
    fallback: 'X-Forwarded-Host',
    example: 'X-Host',
    changes: 'frame',
  }),
  'forwarded-for-proxy-protocol-header': ignored('It names a helper of a generated file; nothing here needs one.'),
  'compute-full-forwarded-for': key({
    kind: bool,
    doc: 'With use-forwarded-headers, X-Forwarded-For keeps what it held, with the address of the peer behind it.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'proxy-add-original-uri-header': key({
    kind: bool,
    doc: 'Backends get X-Original-URI, the path and query as the client sent them.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
    frame: (originalUri) => ({ originalUri }),
  }),
  'generate-request-id': key({
    kind: bool,
    doc: 'Requests without X-Request-ID get one.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
    frame: (requestIds) => ({ requestIds }),
  }),
}
