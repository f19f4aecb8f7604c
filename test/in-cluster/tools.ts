import { realpathSync } from 'node:fs'
import { clusterScript } from '../api/tools.js'

/** Before the first test of this layer: every program of the node is built or installed, unless it is there. */
export default function prepareNode(): void {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The cluster layer makes network namespaces, mounts and cgroups, so it needs root: sudo make test-cluster',
    )
  }
  if (!realpathSync(process.execPath).startsWith('/usr/')) {
    throw new Error(
      `The pods of the cluster layer run the Node of this machine from /usr, and it is ${process.execPath}.`,
    )
  }
  clusterScript('build', 'packages')
  clusterScript('build', 'all')
}
