import { createHash } from 'node:crypto'
import type { KubernetesClient } from '../kubernetes/client.js'

/** `unknown`: the API server could not be asked. */
export type TokenVerdict = 'allowed' | 'refused' | 'unknown'

/** The path that a user has to be allowed to `get`, as a non-resource URL of the cluster's RBAC. */
export const ADMIN_PATH = '/fairlead'

const KEPT_MILLISECONDS = 60_000
const MOST_KEPT = 500

/**
 * Judges a bearer token with the API server's own means: TokenReview says whose it is, SubjectAccessReview whether that
 * user may `get` ADMIN_PATH. Verdicts are kept for a minute, by digest. `now` in milliseconds of a clock that does not
 * jump.
 */
export function createTokenReview(
  client: Pick<KubernetesClient, 'call'>,
  now: () => number,
): (token: string) => Promise<TokenVerdict> {
  const known = new Map<string, { readonly verdict: TokenVerdict; readonly until: number }>()
  return async (token) => {
    const digest = createHash('sha256').update(token).digest('hex')
    const before = known.get(digest)
    if (before !== undefined && before.until > now()) return before.verdict
    const verdict = await review(client, token)
    known.delete(digest)
    if (verdict !== 'unknown') known.set(digest, { verdict, until: now() + KEPT_MILLISECONDS })
    const [oldest] = known.keys()
    if (known.size > MOST_KEPT && oldest !== undefined) known.delete(oldest)
    return verdict
  }
}

async function review(client: Pick<KubernetesClient, 'call'>, token: string): Promise<TokenVerdict> {
  const reviewed = await client.call({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/tokenreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
  })
  if (!reviewed.ok) return 'unknown'
  const status = memberOf(reviewed.body, 'status')
  if (memberOf(status, 'authenticated') !== true) return 'refused'
  const { username, groups, uid, extra } = objectOf(memberOf(status, 'user'))
  const asked = await client.call({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: username, groups, uid, extra, nonResourceAttributes: { path: ADMIN_PATH, verb: 'get' } },
    },
  })
  if (!asked.ok) return 'unknown'
  return memberOf(memberOf(asked.body, 'status'), 'allowed') === true ? 'allowed' : 'refused'
}

function memberOf(value: unknown, name: string): unknown {
  return objectOf(value)[name]
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {} // each member is checked by who uses it
}
