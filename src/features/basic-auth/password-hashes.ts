/**
 * A hash that costs more than this to check would keep everybody waiting who logs in: about a second of a processor.
 * htpasswd makes bcrypt of cost 5 unless told otherwise, mkpasswd SHA of 5000 rounds.
 */
const MOST_BCRYPT_COST = 14
const MOST_ROUNDS = 1_000_000

const FORMS: readonly RegExp[] = [
  /^\{PLAIN\}/,
  /^\{SHA\}[A-Za-z0-9+/]{27}=$/,
  // 20 bytes of SHA-1 and a salt.
  /^\{SSHA\}[A-Za-z0-9+/]{28,}={0,2}$/,
  /^\$(apr1|1)\$[^$:]{0,8}\$[./A-Za-z0-9]{22}$/,
  // DES of crypt(3).
  /^[./A-Za-z0-9]{13}$/,
]

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const SHA_CRYPT = /^\$(?:5|6)\$(?:rounds=(\d{1,9})\$)?[^$:]{0,16}\$([./A-Za-z0-9]+)$/

/**
 * Why a hash of BAS-3 cannot be checked; undefined: it can. Of a broken one some functions make another than they are given,
 * and some never end.
 */
export function whyUncheckable(hash: string): string | undefined {
  const cost = Number(BCRYPT.exec(hash)?.[1] ?? Number.NaN)
  if (!Number.isNaN(cost)) {
    if (cost < 4) return 'has a bcrypt hash that is broken'
    return cost > MOST_BCRYPT_COST ? `has a bcrypt hash of a cost above ${MOST_BCRYPT_COST}` : undefined
  }
  const sha = SHA_CRYPT.exec(hash)
  if (sha?.[2]?.length === (hash.startsWith('$5') ? 43 : 86)) {
    return Number(sha[1] ?? 0) > MOST_ROUNDS ? `has a hash of more than ${MOST_ROUNDS} rounds` : undefined
  }
  if (hash === '') return 'has no hash'
  return FORMS.some((form) => form.test(hash))
    ? undefined
    : 'has a hash of a kind that is not known here, or a broken one'
}
