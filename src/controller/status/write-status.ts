import type { CallResult, KubernetesClient } from '../../kubernetes/client.js'
import { resourcePath } from '../../kubernetes/resource.js'
import type { Ingress, PublishedAddress } from '../../snapshot/objects.js'
import { isMapping } from '../../snapshot/fields.js'
import { statusEntries } from './addresses.js'

/** Writes the addresses of one Ingress; an empty list clears them. */
export type StatusWrite = (
  ingress: Pick<Ingress, 'namespace' | 'name' | 'uid'>,
  addresses: readonly PublishedAddress[],
  timeoutMilliseconds: number,
) => Promise<CallResult>

/**
 * A merge patch on the `status` subresource: one call, and no conflict with writers of other fields. The uid in it has
 * an Ingress that was deleted and made again refused (409), which has a status of its own to come.
 *
 * Roles made for ingress-nginx allow `update` of ingresses/status, but not `patch`. With such a role every status is
 * read and put back whole, from the first refusal (403) on.
 *
 * Rule: `{apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [patch]}`.
 */
export function createStatusWrite(
  client: Pick<KubernetesClient, 'call'>,
  log: (level: 'info' | 'warn', message: string) => void,
): StatusWrite {
  let mayPatch = true
  let told = false

  async function patch(...[ingress, addresses, timeoutMilliseconds]: Parameters<StatusWrite>): Promise<CallResult> {
    const metadata = ingress.uid === '' ? {} : { metadata: { uid: ingress.uid } }
    return client.call({
      method: 'PATCH',
      path: pathOf(ingress, 'status'),
      contentType: 'application/merge-patch+json',
      body: { ...metadata, ...statusOf(addresses) },
      timeoutMilliseconds,
    })
  }

  async function put(...[ingress, addresses, timeoutMilliseconds]: Parameters<StatusWrite>): Promise<CallResult> {
    const read = await client.call({ method: 'GET', path: pathOf(ingress), timeoutMilliseconds })
    if (!read.ok) return read
    const found = isMapping(read.body) ? read.body : {}
    const metadata = isMapping(found['metadata']) ? found['metadata'] : {}
    if (ingress.uid !== '' && metadata['uid'] !== ingress.uid) {
      return { ok: false, status: 409, reason: 'Conflict', message: 'the Ingress was made anew' }
    }
    return client.call({
      method: 'PUT',
      path: pathOf(ingress, 'status'),
      body: { ...found, ...statusOf(addresses) },
      timeoutMilliseconds,
    })
  }

  return async (...write) => {
    if (mayPatch) {
      const answer = await patch(...write)
      if (answer.ok || answer.status !== 403) return answer
      if (!told) log('info', 'the role lacks "patch" on ingresses/status; statuses are written with "update"')
      told = true
      mayPatch = false
    }
    const answer = await put(...write)
    // Neither is allowed: whichever right is given first will do.
    if (!answer.ok && answer.status === 403) mayPatch = true
    return answer
  }
}

function pathOf({ namespace, name }: Pick<Ingress, 'namespace' | 'name'>, subresource = ''): string {
  return resourcePath({ group: 'networking.k8s.io', version: 'v1', plural: 'ingresses', namespace }, name, subresource)
}

function statusOf(addresses: readonly PublishedAddress[]): object {
  return { status: { loadBalancer: { ingress: statusEntries(addresses) } } }
}
