const DAY = 86_400_000
const SOON_DAYS = 10

/** When a certificate is valid; milliseconds since the epoch. */
export interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/** A time in which a sentence stays true: from `from` to before `until`; milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** Around `now`, how long `expiryProblem` says the same. */
export function steadySpan({ notBefore, notAfter }: Validity, now: number): Span {
  const moments = [notBefore, notAfter - SOON_DAYS * DAY, notAfter + 1]
  return {
    from: Math.max(Number.NEGATIVE_INFINITY, ...moments.filter((moment) => moment <= now)),
    until: Math.min(Number.POSITIVE_INFINITY, ...moments.filter((moment) => moment > now)),
  }
}

export interface ExpiryProblem {
  readonly code: 'tls/expired' | 'tls/expires-soon'
  readonly message: string
}

/** CERT-8: said, and served all the same; ten days ahead too. `now` in milliseconds since the epoch. */
export function expiryProblem({ notBefore, notAfter }: Validity, now: number): ExpiryProblem | undefined {
  if (now > notAfter) {
    const message = `The certificate expired on ${day(notAfter)}. It is served, and clients will refuse it. Renew it.`
    return { code: 'tls/expired', message }
  }
  if (now < notBefore) {
    const message =
      `The certificate is not valid before ${day(notBefore)}. It is served, and clients will refuse it until then. ` +
      'Issue it with an earlier begin, or check the clock of this machine.'
    return { code: 'tls/expired', message }
  }
  if (notAfter - now > SOON_DAYS * DAY) return undefined
  const message = `The certificate expires on ${day(notAfter)}, within ${SOON_DAYS} days. It is served. Renew it before.`
  return { code: 'tls/expires-soon', message }
}

/** `2026-11-24T09:30:00Z` */
function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000', '')
}
