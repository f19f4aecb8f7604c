import type { KubernetesClient } from '../../kubernetes/client.js'

/** networking.k8s.io/v1 begins with 1.19 (FLG-2). */
const OLDEST_MINOR = 19

/** A sentence when the API server is older than what Fairlead reads; one that does not answer is not judged. */
export async function findTooOldServer(client: Pick<KubernetesClient, 'call' | 'server'>): Promise<string | undefined> {
  const answer = await client.call({ method: 'GET', path: '/version', timeoutMilliseconds: 5_000 })
  if (!answer.ok || typeof answer.body !== 'object' || answer.body === null) return undefined
  const { major, minor, gitVersion } = answer.body as Readonly<Record<string, unknown>> // each is checked below
  if (typeof major !== 'string' || typeof minor !== 'string') return undefined
  if (major !== '1' || Number.parseInt(minor, 10) >= OLDEST_MINOR) return undefined
  return `The API server at ${client.server} is Kubernetes ${String(gitVersion)}; Fairlead needs 1.${OLDEST_MINOR} or newer.`
}
