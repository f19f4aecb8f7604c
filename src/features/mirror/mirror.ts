import type { MirrorTarget } from '../../model/features.js'
import { parseVariables } from '../../request/variables.js'
import { isAddress } from '../../snapshot/address.js'
import { parseMirrorList, parseMirrorUrl } from '../../snapshot/mirror-target.js'
import { family, type Complaint, type Context } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { int, textOf, word } from '../kinds/kinds.js'
import { complainOfUnknown } from '../unknown-variables.js'

const CHARACTERS = 'A-Za-z0-9/\\-._~:\\^$[\\](){}*+?|&=\\\\'
const target = textOf('URL, with variables behind the host', CHARACTERS)
const characters = textOf('', `${CHARACTERS},% `)

type Targets = NonNullable<ReturnType<typeof parseMirrorList>>

const list: Kind<Targets> = {
  form: 'URLs, each with a share such as 20% behind it, with commas between them',
  parse: (text) => {
    const allowed = characters.parse(text)
    if (!allowed.ok) return allowed
    const targets = parseMirrorList(text)
    return targets === undefined
      ? refused('is not a list of URLs, each with a share from 1% to 100% behind it, with commas between them')
      : parsed(targets)
  },
}

/** MIR-1..4. Source: annotations.md section 21, ack.md section 7. Better than MIR-3: docs/design/mirror.md. */
export const mirror = family({
  name: 'mirror',
  title: 'Mirror',
  doc: 'Copies of requests are sent to other servers once the original is over; their answers are thrown away. A slow or dead mirror neither delays nor fails an original: what cannot be copied in time is dropped and counted.',
  annotations: {
    'mirror-target': {
      kind: target,
      doc: 'Where a copy of each request is sent. Without a variable to exactly this URL; $request_uri and other variables may stand behind the host.',
      effect: 'path',
      risk: 'high',
      bad: 'default',
      fallback: '-',
      example: 'https://staging.example.com$request_uri',
    },
    'mirror-percent': {
      kind: int({ from: 1, to: 100 }),
      doc: 'The share of requests that is copied to mirror-target, chosen by chance for each (our own annotation).',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '100',
      example: '20',
    },
    'mirror-targets': {
      kind: list,
      doc: 'Further targets, each with a share of its own that is chosen by chance for each request (our own annotation).',
      effect: 'path',
      risk: 'high',
      bad: 'default',
      fallback: '-',
      example: 'http://new.example.com$request_uri 20%, http://next.example.com$request_uri 5%',
    },
    'mirror-host': {
      kind: textOf('host name', 'A-Za-z0-9.\\-:'),
      doc: 'Host header of the copies.',
      effect: 'path',
      risk: 'high',
      bad: 'default',
      fallback: 'the host part of the target',
      example: 'shop.staging.example.com',
    },
    'mirror-request-body': {
      kind: word('on', 'off'),
      doc: 'Whether copies have the body. Bodies of more than 1 MB are not copied, and neither is their request.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'on',
      example: 'off',
    },
  },
  contribute: (values, context) => {
    const wanted = [
      ...(values['mirror-target'] === undefined
        ? []
        : [{ annotation: 'mirror-target', url: values['mirror-target'], percent: values['mirror-percent'] }]),
      ...(values['mirror-targets'] ?? []).map((one) => ({ annotation: 'mirror-targets', ...one })),
    ]
    const found = wanted.map((one) => targetOf(one, values['mirror-host'], context))
    const targets = found.flatMap((one) => ('target' in one ? [one.target] : []))
    const complaints = found.flatMap((one, i) =>
      'complaint' in one ? [one.complaint] : complainOfUnknown(wanted[i]?.annotation ?? '', wanted[i]?.url),
    )
    if (targets.length === 0) return { complaints }
    const settings = { targets, ...(values['mirror-request-body'] === 'off' ? { bodiless: true } : {}) }
    return { complaints, route: { mirror: settings } }
  },
})

interface Wanted {
  readonly annotation: string
  readonly url: string
  readonly percent: number | undefined
}

function targetOf(
  { annotation, url, percent }: Wanted,
  host: string | undefined,
  context: Context,
): { readonly target: MirrorTarget } | { readonly complaint: Complaint } {
  const read = parseMirrorUrl(url)
  if (read === undefined) {
    const message = `${url} does not begin with http:// or https:// and a host without variables.`
    return { complaint: { annotation, message, instead: 'off' } }
  }
  const addresses = isAddress(read.host) ? [read.host] : (context.addresses(read.host) ?? [])
  if (addresses.length === 0) {
    const message = `The name ${read.host} has no address, so nothing can be sent there. As soon as it resolves, copies are.`
    return { complaint: { annotation, message, instead: 'off' } }
  }
  const isStandard = read.port === (read.scheme === 'https' ? 443 : 80)
  const written = read.host.includes(':') ? `[${read.host}]` : read.host
  const path = read.rest.startsWith('?') ? `/${read.rest}` : read.rest
  return {
    target: {
      addresses: addresses.map((address) => (address.includes(':') ? `[${address}]` : address)),
      port: read.port,
      host: host ?? (isStandard ? written : `${written}:${read.port}`),
      parts: parseVariables(path === '' ? '/' : path),
      ...(read.scheme === 'https' ? { serverName: host?.replace(/:\d+$/, '') ?? read.host } : {}),
      ...(percent === undefined || percent === 100 ? {} : { percent }),
    },
  }
}
