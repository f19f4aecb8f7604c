import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Before the first test of this layer: kube-apiserver, etcd and kubectl are built, unless they are there. */
export default function buildControlPlane(): void {
  clusterScript('build', 'control-plane')
}

/** Runs a script of test/cluster with this process's output, so that a long build shows where it is. */
export function clusterScript(name: string, ...words: readonly string[]): void {
  const { status } = spawnSync(fileURLToPath(new URL(`../cluster/${name}`, import.meta.url)), words, {
    stdio: 'inherit',
  })
  if (status !== 0)
    throw new Error(`test/cluster/${name} ${words.join(' ')} failed; the reason and the way out are above.`)
}
