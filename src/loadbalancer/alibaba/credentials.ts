import type { AccessKey } from './sign.js'

export type KeyResult =
  | {
      readonly ok: true
      readonly key: AccessKey
      /** Milliseconds since the epoch; undefined: it does not end. */
      readonly expires?: number
    }
  | { readonly ok: false; readonly message: string }

/** Where access keys come from; they may change over time. */
export interface CloudCredentials {
  current(): Promise<KeyResult>
  /** What counts after the cloud refused the ones before as too old. */
  renew(): Promise<KeyResult>
}

/** One way to come to a key. */
export interface KeySource {
  /** For messages. */
  readonly name: string
  /** undefined: this way is not set up here, so the next one is asked. */
  fetch(): Promise<KeyResult | undefined>
}

const REFRESH_MILLISECONDS = 600_000
/** A key is not used in its last minutes, so that a call which waits a little is not refused. */
const MARGIN_MILLISECONDS = 300_000
/** After a failure the last good key is used on for so long before the sources are asked again. */
const AGAIN_MILLISECONDS = 10_000

/**
 * The first source that is set up decides. A key is fetched anew every 10 minutes and before it expires; while that fails,
 * the last one is used until it has expired.
 *
 * @param wall milliseconds since the epoch
 * @source loadbalancer.md section 6.4
 */
export function createCredentials(sources: readonly KeySource[], wall: () => number): CloudCredentials {
  let last: (KeyResult & { readonly ok: true }) | undefined
  let fetchAt = Number.NEGATIVE_INFINITY
  let pending: Promise<KeyResult> | undefined

  const fetch = async (): Promise<KeyResult> => {
    const found = await askInOrder(sources)
    if (found.ok) {
      last = found
      fetchAt = wall() + REFRESH_MILLISECONDS
      if (found.expires !== undefined) fetchAt = Math.min(fetchAt, found.expires - MARGIN_MILLISECONDS)
      fetchAt = Math.max(fetchAt, wall() + AGAIN_MILLISECONDS)
      return found
    }
    fetchAt = wall() + AGAIN_MILLISECONDS
    return last !== undefined && (last.expires ?? Number.POSITIVE_INFINITY) > wall() ? last : found
  }
  /** Callers at one time share one fetch. */
  const share = (): Promise<KeyResult> => {
    pending ??= fetch().finally(() => {
      pending = undefined
    })
    return pending
  }

  return {
    current: () => (last !== undefined && wall() < fetchAt ? Promise.resolve(last) : share()),
    renew: share,
  }
}

async function askInOrder(sources: readonly KeySource[]): Promise<KeyResult> {
  for (const source of sources) {
    const found = await source.fetch()
    if (found?.ok === false) return { ok: false, message: `${source.name}: ${found.message}` }
    if (found !== undefined) return found
  }
  return { ok: false, message: `there are no credentials for Alibaba Cloud: none of ${listOf(sources)} is set up` }
}

function listOf(sources: readonly KeySource[]): string {
  return sources.map(({ name }) => name).join(', ')
}
