/** Tells the begin of each outage and its end, once each. */
export interface Outage {
  failed(why: string): void
  worked(): void
}

/**
 * @param calmMilliseconds how long nothing has to fail before what works is the end: what fails every now and then is
 * one outage
 * @param now milliseconds of any clock that does not run backwards
 */
export function createOutage(
  tell: { began(why: string): void; ended(): void },
  calmMilliseconds: number,
  now: () => number = () => performance.now(),
): Outage {
  let failedAt: number | undefined
  return {
    failed(why) {
      if (failedAt === undefined) tell.began(why)
      failedAt = now()
    },
    worked() {
      if (failedAt === undefined || now() - failedAt < calmMilliseconds) return
      failedAt = undefined
      tell.ended()
    },
  }
}
