/** How much is allowed: `burst` at once, and then so many a second. */
export interface BucketRule {
  readonly burst: number
  readonly perSecond: number
}

/** `tokens` there were at `at`, in milliseconds of a monotonic clock. */
export interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** One more: the bucket without a token, or undefined where there is none. A bucket that is not there is full. */
export function takeToken(bucket: Bucket | undefined, rule: BucketRule, now: number): Bucket | undefined {
  const tokens = tokensAt(bucket, rule, now)
  return tokens < 1 ? undefined : { tokens: tokens - 1, at: now }
}

/** Milliseconds until there is a token; 0: now. */
export function untilToken(bucket: Bucket | undefined, rule: BucketRule, now: number): number {
  return Math.max(0, ((1 - tokensAt(bucket, rule, now)) / rule.perSecond) * 1000)
}

/** Whether it need not be kept: it is as full as one that is not there. */
export function isFull(bucket: Bucket, rule: BucketRule, now: number): boolean {
  return tokensAt(bucket, rule, now) >= rule.burst
}

function tokensAt(bucket: Bucket | undefined, { burst, perSecond }: BucketRule, now: number): number {
  return bucket === undefined ? burst : Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
}
