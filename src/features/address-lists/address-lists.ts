import type { AddressRanges } from '../../model/address-ranges.js'
import type { NamedAttachment } from '../../model/attachment.js'
import { family } from '../declare.js'
import { admitsEverybody, cidrList } from '../kinds/cidr-list.js'

/** IP-1..5. Source: annotations.md section 2; ngx_http_access_module. */
export const addressLists = family({
  name: 'address-lists',
  title: 'Allow and deny lists',
  doc: 'Which client addresses may come in; others are answered 403. The address is that of the client, behind proxies that are trusted. The deny list goes before the allow list and before everything else that a client could show. A list of an Ingress takes the place of that of the ConfigMap.',
  annotations: {
    'allowlist-source-range': {
      kind: cidrList,
      doc: 'The only clients that may come in.',
      effect: 'path',
      risk: 'medium',
      bad: 'close',
      empty: 'close',
      protects: true,
      fallback: 'everybody',
      example: '10.0.0.0/8,2001:db8::/32',
      alias: 'whitelist-source-range',
      configMapKey: 'whitelist-source-range',
    },
    'denylist-source-range': {
      kind: cidrList,
      doc: 'Clients that are refused.',
      effect: 'path',
      risk: 'medium',
      bad: 'close',
      empty: 'close',
      protects: true,
      fallback: 'nobody',
      example: '203.0.113.0/24',
      configMapKey: 'denylist-source-range',
    },
  },
  contribute: (values, { digest }) => {
    const allow = values['allowlist-source-range']
    const deny = values['denylist-source-range']
    // cert-manager writes the list of everybody on each of its solvers; a test that all pass is none.
    const allowed = allow === undefined || admitsEverybody(allow) ? undefined : attach(allow, digest)
    const denied = deny === undefined ? undefined : attach(deny, digest)
    return {
      route: {
        ...(allowed === undefined ? {} : { allowed: { ranges: allowed.key } }),
        ...(denied === undefined ? {} : { denied: { ranges: denied.key } }),
      },
      attachments: [allowed, denied].flatMap((one) => one ?? []),
    }
  },
})

const attached = new WeakMap<AddressRanges, NamedAttachment>()

/**
 * By what it holds: Ingresses with the same list, and all their paths, share one. A list of the ConfigMap is the same
 * object for all.
 */
function attach(ranges: AddressRanges, digest: (text: string) => string): NamedAttachment {
  const known = attached.get(ranges)
  if (known !== undefined) return known
  const key = `ranges/${digest(JSON.stringify([ranges.v4, ranges.v6]))}`
  const named: NamedAttachment = { key, attachment: { kind: 'ranges', ranges } }
  attached.set(ranges, named)
  return named
}
