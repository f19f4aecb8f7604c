/**
 * Which cipher suites of TLS up to 1.2 a list in the words of OpenSSL comes to, of those that its builds have nowadays
 * and that certificates are used with; in no order. An empty answer is a list that OpenSSL may refuse.
 *
 * Source: the page of `openssl ciphers`.
 */
export function suitesOf(list: string): ReadonlySet<string> {
  const chosen = new Set<string>()
  const killed = new Set<string>()
  for (const item of list.split(/[:, ]+/)) {
    const sign = /^[!+-]/.exec(item)?.[0]
    const wanted = matching(sign === undefined ? item : item.slice(1))
    for (const { name } of wanted) {
      if (sign === '!') killed.add(name)
      if (sign === '!' || sign === '-') chosen.delete(name)
      if (sign === undefined && !killed.has(name)) chosen.add(name)
    }
  }
  return chosen
}

interface Suite {
  readonly name: string
  /** Words that choose it. */
  readonly words: ReadonlySet<string>
}

/** By its name, or by all the words of `AES+ECDHE`; what nobody knows chooses nothing. */
function matching(item: string): readonly Suite[] {
  const [first = '', strength] = item.split('@')
  if (first === '' && strength !== undefined) return []
  const words = first.split('+')
  return SUITES.filter(({ name, words: own }) => name === first || words.every((word) => own.has(word)))
}

const EXCHANGES = {
  'ECDHE-ECDSA-': ['ECDHE', 'EECDH', 'kECDHE', 'kEECDH', 'ECDH', 'aECDSA', 'ECDSA'],
  'ECDHE-RSA-': ['ECDHE', 'EECDH', 'kECDHE', 'kEECDH', 'ECDH', 'aRSA'],
  'DHE-RSA-': ['DHE', 'EDH', 'kDHE', 'kEDH', 'DH', 'aRSA'],
  '': ['RSA', 'kRSA', 'aRSA'],
} as const

const ENCRYPTIONS = {
  'AES128-GCM-SHA256': ['AES', 'AES128', 'AESGCM', 'TLSv1.2'],
  'AES256-GCM-SHA384': ['AES', 'AES256', 'AESGCM', 'TLSv1.2'],
  'CHACHA20-POLY1305': ['CHACHA20', 'TLSv1.2'],
  'AES128-SHA': ['AES', 'AES128', 'SHA', 'SHA1'],
  'AES256-SHA': ['AES', 'AES256', 'SHA', 'SHA1'],
} as const

const SUITES: readonly Suite[] = Object.entries(EXCHANGES).flatMap(([exchange, exchanging]) =>
  Object.entries(ENCRYPTIONS)
    .filter(([encryption]) => exchange !== '' || !encryption.startsWith('CHACHA20'))
    .map(([encryption, encrypting]) => ({
      name: `${exchange}${encryption}`,
      words: new Set<string>(['ALL', 'DEFAULT', 'HIGH', ...exchanging, ...encrypting]),
    })),
)
