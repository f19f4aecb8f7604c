import { onTestFinished } from 'vitest'
import type { KubernetesClient } from '../../src/kubernetes/client.js'
import { findAccess } from '../../src/kubernetes/find-access.js'
import { createKubernetesClient } from '../../src/kubernetes/http-client.js'
import { fixedCredentials } from '../../src/kubernetes/credentials.js'
import type { Cluster } from './cluster.js'

/** The program's own client, until the test ends: as administrator, or as whoever holds the token. */
export function connect(cluster: Cluster, token?: string): KubernetesClient {
  const flags = { kubeconfig: cluster.kubeconfig, apiserverHost: '', certificateAuthority: '' }
  const found = findAccess(flags, { environment: process.env })
  if (!found.ok) throw new Error(found.message)
  const credential = { authorization: `Bearer ${token ?? ''}`, certificate: undefined, key: undefined }
  const access = token === undefined ? found.access : { ...found.access, credentials: fixedCredentials(credential) }
  const client = createKubernetesClient(access)
  onTestFinished(() => client.close())
  return client
}

/** A service account that may do what `rules` say, everywhere; gives its token. */
export async function accountWith(cluster: Cluster, namespace: string, rules: readonly object[]): Promise<string> {
  const token = await cluster.token(namespace, 'controller')
  const name = `${namespace}-controller`
  const group = 'rbac.authorization.k8s.io'
  await cluster.apply([
    { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'controller', namespace }],
    },
  ])
  return token
}

export function ingress(name: string, namespace: string): object {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace },
    spec: { rules: [{ host: `${name}.test`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  }
}
