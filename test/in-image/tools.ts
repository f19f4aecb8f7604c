import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Before the first test of this layer: the root file system of the image is built, unless it is there. */
export default function buildImage(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('The image layer makes namespaces, mounts and files of several users, so it needs root.')
  }
  const build = fileURLToPath(new URL('../../deploy/image/build', import.meta.url))
  const { status } = spawnSync(build, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('deploy/image/build failed; the reason and the way out are above.')
}
