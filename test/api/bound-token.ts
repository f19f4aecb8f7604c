import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Cluster } from './cluster.js'

/** kube-apiserver takes a token for so long after its `exp`: the leeway of its JWT library. */
const LEEWAY_SECONDS = 60

/**
 * A bound token that kube-apiserver takes for `seconds`, and some seconds more where it has just seen it. Asked for one
 * it would give ten minutes at least; so this one is signed with its key.
 */
export async function boundToken(
  cluster: Cluster,
  namespace: string,
  account: string,
  seconds: number,
): Promise<string> {
  const [header = '', claims = ''] = (await cluster.token(namespace, account)).split('.')
  const given = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object // of a JWT
  const now = Math.floor(Date.now() / 1000)
  const exp = now + seconds - LEEWAY_SECONDS
  const begin = Math.min(now, exp) - 600
  const changed = { ...given, exp, iat: begin, nbf: begin, jti: randomUUID() }
  const text = `${header}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}`
  const key = createPrivateKey(readFileSync(join(dirname(cluster.caFile), 'sa.key')))
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}
