// A candidate as a process of its own, so that it can be stopped and killed: takes part in the election, tells on standard
// output when it begins and ends to lead, and while it leads writes its name into a ConfigMap. Runs what `make build` made.
import { setTimeout as sleep } from 'node:timers/promises'
import { findAccess } from '../../dist/kubernetes/find-access.js'
import { createKubernetesClient } from '../../dist/kubernetes/http-client.js'
import { createLeaderElection } from '../../dist/kubernetes/leader-election.js'

const [kubeconfig, namespace, identity, ttlMilliseconds] = process.argv.slice(2)
const found = findAccess({ kubeconfig, apiserverHost: '', certificateAuthority: '' }, { environment: process.env })
if (!found.ok) throw new Error(found.message)
const client = createKubernetesClient(found.access)
const election = createLeaderElection({
  client,
  namespace,
  name: 'leader',
  ttlMilliseconds: Number(ttlMilliseconds),
  identity,
  onStart: () => process.stdout.write('start\n'),
  onStop: () => process.stdout.write('stop\n'),
  log: (level, message) => process.stderr.write(`${identity} ${level}: ${message}\n`),
})
let ending = false
process.on('SIGTERM', () => {
  ending = true
})
election.start()
for (let count = 0; !ending; count += 1) {
  if (election.isLeader()) {
    await client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}/configmaps/journal`,
      contentType: 'application/merge-patch+json',
      body: { data: { writer: identity, count: String(count) } },
      timeoutMilliseconds: election.remainingMilliseconds(),
    })
  }
  await sleep(50)
}
await election.stop()
await client.close()
