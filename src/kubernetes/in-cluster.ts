import { join } from 'node:path'
import type { AccessResult } from './access.js'
import { createTokenCredentials } from './token.js'
import { keepFile } from './kept-file.js'
import { createAuthority } from './authority.js'

/** Where Kubernetes mounts the service account of a pod. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server as a pod finds it: address from the environment, token, authority and namespace from the mounted
 * folder. The token is read again each minute and after a 401, the authority at each new connection.
 * Source: Kubernetes, "Accessing the Kubernetes API from a Pod".
 */
export function findInCluster(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
  now: () => number,
): AccessResult {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment
  if (host === '' || port === '')
    return refuse(
      'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod of a cluster. ' +
        'Name a cluster with --kubeconfig FILE or --apiserver-host URL.',
    )
  const address = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  if (!URL.canParse(address))
    return refuse(`KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make ${address}, which is no address.`)
  const token = keepFile(join(folder, 'token'), now)
  const first = token.read()
  if (!first.ok)
    return refuse(
      `The token of the service account: ${first.message}. Is automountServiceAccountToken switched off for this pod?`,
    )
  const authority = createAuthority(keepFile(join(folder, 'ca.crt'), now))
  if (!authority.ok) return refuse(`The certificate authority of the service account: ${authority.message}.`)
  const namespace = keepFile(join(folder, 'namespace'), now).read()
  return {
    ok: true,
    access: {
      server: new URL(address),
      trust: { authority: authority.current, serverName: undefined, insecure: false },
      credentials: createTokenCredentials(token),
      namespace: namespace.ok ? namespace.text : 'default',
    },
    warnings: [],
  }
}

function refuse(message: string): AccessResult {
  return { ok: false, message }
}
