import { startServe } from '../../rim/fairlead.js'
import type { Setting } from '../../rim/setting.js'
import { until } from '../../rim/ask.js'
import { isAlive } from '../../rim/cleanup.js'
import { STATUS_ADDRESS } from '../objects.js'

type Served = Awaited<ReturnType<typeof startServe>>

/** `fairlead serve` on the cluster, with its NGINX. */
export interface Controller extends Omit<Served, 'end'> {
  end(): Promise<void>
}

/** `profile`: a folder for the CPU profile of its whole life. */
export async function startController(
  setting: Setting,
  name: string,
  kubeconfig: string,
  profile?: string,
): Promise<Controller> {
  const source = [
    ['--kubeconfig', kubeconfig],
    ['--configmap', 'ingress-nginx/ingress-nginx-controller'],
    ['--publish-status-address', STATUS_ADDRESS],
    ['--post-shutdown-grace-period', '0'],
    // Its Lease would keep the next one from leading, its addresses be taken out of every Ingress: neither is measured.
    ['--update-status-on-shutdown=false'],
  ].flat()
  const nodeFlags = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]
  const served = await startServe(setting, name, source, 'free', nodeFlags)
  return {
    ...served,
    async end() {
      if (profile !== undefined) {
        // The profile is written by a process that ends by itself.
        process.kill(served.controller, 'SIGTERM')
        await until('the profile is written', async () => !isAlive(served.controller), 120, 50)
      }
      served.end()
    },
  }
}
