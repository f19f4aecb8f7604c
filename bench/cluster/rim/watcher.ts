import type { KubernetesClient } from '../../../src/kubernetes/client.js'
import { ELSEWHERE } from '../objects.js'

/** The plainest control loop there is: it sees objects of its namespace appear, and does nothing. */
export interface Watcher {
  /** Creates an object; the milliseconds until the watch has told of it. */
  time(name: string): Promise<number>
  end(): void
}

export async function startWatcher(client: KubernetesClient): Promise<Watcher> {
  const path = `/api/v1/namespaces/${ELSEWHERE}/configmaps`
  const list = await client.call({ method: 'GET', path })
  if (!list.ok) throw new Error(list.message)
  const watch = await client.stream({ path, query: { watch: 'true', resourceVersion: versionOf(list.body) } })
  if (!watch.ok) throw new Error(watch.message)
  const waiting = new Map<string, () => void>()
  const read = async (): Promise<void> => {
    let text = ''
    for await (const chunk of watch.chunks) {
      const lines = `${text}${chunk.toString()}`.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const name = /"name":"([^"]+)"/.exec(line)?.[1] ?? ''
        waiting.get(name)?.()
        waiting.delete(name)
      }
    }
  }
  // A watch that breaks shows as a creation that is never seen.
  read().catch(() => undefined)
  return {
    async time(name) {
      const seen = new Promise<number>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`the watch did not tell of ${name} within 30 s`)), 30_000)
        waiting.set(name, () => {
          clearTimeout(late)
          resolve(performance.now())
        })
      })
      const started = performance.now()
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: ELSEWHERE } }
      const [answer, at] = await Promise.all([client.call({ method: 'POST', path, body: object }), seen])
      if (!answer.ok) throw new Error(answer.message)
      return at - started
    },
    end: watch.cancel,
  }
}

function versionOf(list: unknown): string {
  if (typeof list === 'object' && list !== null && 'metadata' in list) {
    const { metadata } = list
    if (typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata)
      return String(metadata.resourceVersion)
  }
  throw new Error('a list without a resourceVersion')
}
