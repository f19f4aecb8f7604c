import { family } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

const namespaces: Kind<readonly string[]> = {
  form: 'names of namespaces, with commas between them',
  parse: (text) => {
    const names = text.split(',').map((one) => one.trim())
    const wrong = names.find((one) => !NAMESPACE.test(one))
    return wrong === undefined
      ? parsed([...new Set(names)].sort())
      : refused(`holds ${JSON.stringify(wrong)}, which is no name of a namespace`)
  },
}

/** Whom an owner lets use its hosts; the owners are in the main ConfigMap (docs/design/host-ownership.md). */
export const hostDelegates = family({
  name: 'host-delegates',
  title: 'Hosts that are lent to other namespaces',
  doc: 'Where the key `host-owners` of the main ConfigMap says that a host belongs to a namespace, Ingresses of other namespaces are not served there. An Ingress of the owner can let some of them.',
  annotations: {
    'host-delegates': {
      kind: namespaces,
      doc: 'Namespaces that may use the hosts of this Ingress too, as far as its own namespace owns them; of a wildcard, also the hosts below it.',
      effect: 'host',
      risk: 'medium',
      bad: 'off',
      fallback: '-',
      example: 'shop-blog, shop-search',
    },
  },
  contribute: (values) => {
    const delegates = values['host-delegates']
    return delegates === undefined ? {} : { names: { delegates } }
  },
})
