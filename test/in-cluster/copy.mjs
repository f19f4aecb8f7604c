// copy.mjs KUBECONFIG NAMESPACE: the built reflector on the ConfigMaps of a namespace, as a program of its own, so that it can run
// in a cluster's network namespace. Each line it prints is one thing that it was told, as JSON.
import { findAccess } from '../../dist/kubernetes/find-access.js'
import { createKubernetesClient } from '../../dist/kubernetes/http-client.js'
import { createReflector } from '../../dist/kubernetes/reflector.js'

const [kubeconfig, namespace] = process.argv.slice(2)
const found = findAccess({ kubeconfig, apiserverHost: '', certificateAuthority: '' }, { environment: {} })
if (!found.ok) throw new Error(found.message)
const tell = (event) => console.log(JSON.stringify(event))

createReflector({
  client: createKubernetesClient(found.access),
  resource: { group: '', version: 'v1', plural: 'configmaps', namespace },
  project: ({ metadata }) => metadata.resourceVersion,
  times: { stallMilliseconds: 5_000 },
  handler: {
    onSet: (version, _, name) => tell({ set: name, version }),
    onDelete: (_, name) => tell({ deleted: name }),
    onSynced: () => tell({ synced: true }),
    onState: ({ kind }) => tell({ state: kind }),
    onFault: (message) => tell({ fault: message }),
  },
}).start()
// Timers of the reflector do not keep a process alive.
setInterval(() => undefined, 3_600_000)
