import { SortedMap } from '../../collections/sorted-map.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { Reading } from '../../translate/annotations.js'
import { declareIngress } from '../../translate/ingress.js'
import type { TranslateOptions } from '../../translate/options.js'
import { changeLent, createOwnership, type Ownership } from '../../translate/ownership.js'
import { isOurs } from '../../translate/select.js'

/** Who may use which host by what is stored now: what Ingresses of owners lend counts, and no other Ingress is read. */
export function ownershipIn(
  owned: Ownership['owned'],
  { reading, options, snapshot }: { reading: Reading; options: TranslateOptions; snapshot: Snapshot },
): Ownership {
  const owners = new Set([...owned.values()].flatMap((one) => one.owners))
  const annotation = `${options.annotationsPrefix}/host-delegates`
  const lenders = [...snapshot.ingresses].filter(
    ([, one]) =>
      owners.has(one.namespace) && one.annotations[annotation] !== undefined && isOurs(one, snapshot, options),
  )
  const lent = lenders.map(([ingress, one]) => {
    const { rules, features } = declareIngress(one, { ...reading, options, snapshot })
    return { ingress, hosts: rules.map(({ host }) => host), to: features.names?.delegates ?? [] }
  })
  return createOwnership(owned, changeLent(SortedMap.empty(), lent))
}
