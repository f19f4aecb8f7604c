import { SortedMap } from '../../collections/sorted-map.js'
import type { Translation } from '../../translate/translate.js'

const NONE: SortedMap<string> = SortedMap.empty()

/** Gives the PEM chains that are to be stapled, by Secret, of one translation after another; the same map while they are. */
export function createStapledChains(): (
  translation: Pick<Translation, 'certificates' | 'defaultCertificate'>,
) => SortedMap<string> {
  let last: Pick<Translation, 'certificates' | 'defaultCertificate'> | undefined
  let chains = NONE
  return (translation) => {
    const { certificates, defaultCertificate } = translation
    const isSame = last?.certificates.served === certificates.served && last.defaultCertificate === defaultCertificate
    if (isSame && last?.certificates.stapling.on === certificates.stapling.on) return chains
    last = translation
    if (!certificates.stapling.on) return (chains = NONE)
    const wanted = new Map([...certificates.served].map(([key, { document }]) => [key, document.chain] as const))
    const { cell } = defaultCertificate
    if (cell !== undefined) wanted.set(`${cell.secret.namespace}/${cell.secret.name}`, cell.document.chain)
    const gone = [...chains.keys()].filter((key) => !wanted.has(key))
    const changes = [...wanted].filter(([key, chain]) => chains.get(key) !== chain)
    return (chains = chains.with([...gone.map((key) => [key, undefined] as const), ...changes]))
  }
}
