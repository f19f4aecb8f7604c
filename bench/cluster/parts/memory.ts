import type { Figure } from '../../figure.js'
import { childrenOf } from '../../rim/proc.js'
import { count } from '../../scenarios.js'
import { memoryOf } from '../rim/process.js'
import type { Stage } from '../stage.js'

/** RSS and PSS of the controller and the NGINX worker as they are now. */
export function measureMemory({ controller }: Stage, hosts: number, id: string, when: string): readonly Figure[] {
  const [worker = controller.master] = childrenOf(controller.master)
  const size = `${count(hosts)} Ingresses, ${count(hosts)} Services, ${count(hosts * 5)} endpoints`
  const own = memoryOf(controller.controller)
  const nginx = memoryOf(worker)
  return [
    {
      id: `memory-controller-${id}`,
      what: `memory of the controller ${when}, ${size}`,
      unit: 'MB',
      value: own.rss,
      goal: hosts === 10_000 ? { atMost: 400, aim: 200 } : undefined,
      note: `RSS; PSS ${own.pss.toFixed(0)} MB`,
    },
    {
      id: `memory-worker-${id}`,
      what: `memory of the NGINX worker ${when}`,
      unit: 'MB',
      value: nginx.rss,
      note: `RSS; PSS ${nginx.pss.toFixed(0)} MB`,
    },
  ]
}
