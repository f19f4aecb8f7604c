import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Before the first test of this layer: Chromium is installed, unless it is there. */
export default function prepareBrowser(): void {
  const prepare = fileURLToPath(new URL('prepare', import.meta.url))
  const { status } = spawnSync(prepare, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('The browser layer needs Chromium; the reason and the way out are above.')
}
