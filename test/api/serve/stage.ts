import { mkdtempSync, readFileSync, rmSync, chmodSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readObjects } from '../../chart/objects.js'
import { startCluster, type Cluster } from '../cluster.js'
import { openInside, type Inside } from './inside.js'
import { BACKEND_PORT, backends, type BackendName } from './objects.js'
import { createReplica, type Replica, type ReplicaOptions } from './replica.js'

const manifests = fileURLToPath(new URL('../../../deploy/manifests/fairlead.yaml', import.meta.url))

/**
 * A kube-apiserver in a network namespace of its own, with the roles and the class that are installed, two backends, and
 * replicas of `fairlead serve` in the same namespace under the installed service account.
 */
export interface Stage {
  readonly cluster: Cluster
  readonly inside: Inside
  /** Removed at the end; everybody may enter it, NGINX's workers too. */
  readonly folder: string
  /** The controller's, with a token that ends after an hour. */
  readonly kubeconfig: string
  /** A replica that is not started yet. */
  replica(options?: ReplicaOptions): Replica
  end(): Promise<void>
}

/** What a service account needs; the rest of the manifests wants nodes. */
const installed: ReadonlySet<string> = new Set([
  'Namespace',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'IngressClass',
])

export async function openStage(): Promise<Stage> {
  const cluster = await startCluster({ kind: 'api', options: ['--netns'] })
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-api-serve-'))
  chmodSync(folder, 0o711)
  const replicas: Replica[] = []
  const end = async (): Promise<void> => {
    for (const replica of replicas) replica.process()?.kill('SIGKILL')
    await cluster.end()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const objects = readObjects(readFileSync(manifests, 'utf8'))
    await cluster.apply(
      objects.filter(({ kind }) => installed.has(kind)),
      'fairlead',
    )
    const inside = openInside(cluster)
    for (const name of Object.keys(backends) as readonly BackendName[]) // its own keys
      await inside.startBackend(backends[name], BACKEND_PORT, name)
    const token = await cluster.token('fairlead', 'fairlead')
    const kubeconfig = writeKubeconfig(cluster, folder, 'controller', { token })
    return {
      cluster,
      inside,
      folder,
      kubeconfig,
      replica(options = {}) {
        const replica = createReplica({ cluster, inside, folder, kubeconfig, number: replicas.length, ...options })
        replicas.push(replica)
        return replica
      },
      end,
    }
  } catch (cause) {
    await end()
    throw cause
  }
}

/** What a kubeconfig says of a user. */
type User = { readonly token: string } | { readonly tokenFile: string }

export function writeKubeconfig({ url, caFile }: Cluster, folder: string, name: string, user: User): string {
  const file = join(folder, `${name}.kubeconfig`)
  const config = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'test', user }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}
