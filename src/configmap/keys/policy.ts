import type { Risk } from '../../features/declare.js'
import { bool, textOf } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { key } from '../declare.js'
import { hostOwners, readableOwners } from '../host-owners.js'
import { listOf } from '../kinds.js'

/** From the least on. */
export const RISKS: readonly Risk[] = ['low', 'medium', 'high', 'critical']

const risk: Kind<Risk> = {
  form: 'low, medium, high or critical, in any case',
  parse: (text) => {
    const found = RISKS.find((one) => one === text.toLowerCase())
    return found === undefined ? refused('is none of low, medium, high, critical') : parsed(found)
  },
}

/**
 * What Ingresses may say. Source: configmap.md, "Security policy". A value that cannot be read counts as the stricter
 * one.
 */
export const policy = {
  'allow-snippet-annotations': key({
    kind: bool,
    doc: 'Ingresses with snippets are admitted. No snippet is ever executed.',
    fallback: 'false',
    example: 'true',
    changes: 'controller',
  }),
  'annotations-risk-level': key({
    kind: risk,
    doc: 'Ingresses with an annotation of a higher risk are refused.',
    fallback: 'high',
    strict: { read: (): Risk => 'low', instead: 'low is used' },
    example: 'Medium',
    changes: 'controller',
  }),
  'annotation-value-word-blocklist': key({
    kind: listOf(textOf('word', '^\\r\\n,'), 'words, with commas between them'),
    doc: 'Ingresses that have one of the words in the value of an annotation are refused.',
    fallback: 'none',
    example: 'load_module,lua_package,_by_lua',
    changes: 'controller',
  }),
  'strict-validate-path-type': key({
    kind: bool,
    doc: 'Exact and Prefix paths of other characters than letters, digits and . _ - / are refused when they are written.',
    fallback: 'true',
    example: 'false',
    changes: 'controller',
  }),
  'host-owners': key({
    kind: hostOwners,
    doc: 'Which namespaces own a host, one line for each: a name, *.name for all below it, or * for all others. Rules and certificates of other namespaces for it are not served, unless host-delegates of an Ingress of the owner lets them.',
    fallback: 'none',
    example: 'shop.example.com: shop, shop-preview',
    changes: 'controller',
    strict: {
      read: readableOwners,
      instead: 'the other lines hold, and a host of which no owner can be read belongs to nobody',
    },
  }),
  'global-allowed-response-headers': key({
    kind: listOf(textOf('name', '^\\r\\n,'), 'names of headers, with commas between them'),
    doc: 'Headers that custom-headers may set; what is no name of a header is skipped.',
    fallback: 'none',
    example: 'X-Frame-Options,Referrer-Policy',
    changes: 'controller',
  }),
}
