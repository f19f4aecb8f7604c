import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startCluster, type Cluster, type ClusterOptions } from '../api/cluster.js'
import { chart, helmPath } from '../chart/helm.js'
import { until } from '../serve/program.js'

const pack = fileURLToPath(new URL('../../deploy/image/pack', import.meta.url))
const ERROR_LOG = '/var/lib/fairlead/state/log/error.log'
const IMAGE = 'controller.image.registry=fairlead.test,controller.image.tag=chart'

/** A node cluster with the chart in the namespace `fairlead`, and the image made of this working copy. */
export interface Installed {
  readonly cluster: Cluster
  /** The clusterIP of the controller's Service. */
  readonly address: string
  helm(...words: readonly string[]): Promise<string>
  /** kubectl in the namespace of the controller. */
  here(...words: readonly string[]): Promise<string>
  /** Everything that the controller's pods, as they are now, have written. */
  logs(): Promise<string>
  /** NGINX's error logs of the same. */
  errorLogs(): Promise<string>
}

export interface InstallOptions extends Omit<ClusterOptions, 'kind'> {
  /** Called before the installation; gives values below `controller` that a list of settings cannot say. */
  readonly controller?: (cluster: Cluster) => Promise<object>
}

/**
 * Takes HELM_MILLISECONDS at most. `values`: of the chart, `controller.replicaCount=2`; the rest is of the cluster. The
 * caller ends the cluster.
 */
export async function installChart(
  values: readonly string[],
  { controller = () => Promise.resolve({}), ...options }: InstallOptions = {},
): Promise<Installed> {
  helmPath()
  const cluster = await startCluster({ kind: 'node', ...options })
  const at = ['--namespace', 'fairlead']
  const helm = (...words: readonly string[]): Promise<string> => cluster.run(helmPath(), ...words, ...at)
  const here = (...words: readonly string[]): Promise<string> => cluster.kubectl(...at, ...words)
  try {
    const { status, stderr } = spawnSync(pack, ['fairlead.test/fairlead:chart', '--cluster', cluster.name], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`deploy/image/pack failed: ${stderr}`)
    const set = [IMAGE, ...values].join(',')
    const given = ['--set-json', `controller=${JSON.stringify(await controller(cluster))}`, '--set', set]
    await helm('install', 'fairlead', chart, '--create-namespace', ...given, '--wait', '--timeout', '5m')
    const address = await here('get', 'service', 'fairlead-controller', '-o', 'jsonpath={.spec.clusterIP}')
    await answering(cluster, address)
    return {
      cluster,
      address,
      helm,
      here,
      logs: () => ofEachPod(here, (pod) => here('logs', pod)),
      errorLogs: () => ofEachPod(here, (pod) => here('exec', pod, '--', 'cat', ERROR_LOG)),
    }
  } catch (failure) {
    await cluster.end()
    throw failure
  }
}

/** Helm waits for pods that are ready; kube-proxy hears of them at a time of its own. */
async function answering(cluster: Cluster, address: string): Promise<void> {
  const ask = (): Promise<string> => cluster.run('curl', '-sS', '-m', '20', '-o', '/dev/null', `http://${address}/`)
  const isAnswered = (): Promise<boolean> =>
    ask().then(
      () => true,
      () => false,
    )
  await until(isAnswered, 60_000)
}

/** Selects the controller's pods. */
export const CONTROLLER = 'app.kubernetes.io/component=controller'

async function ofEachPod(here: Installed['here'], read: (pod: string) => Promise<string>): Promise<string> {
  const pods = await here('get', 'pods', '--selector', CONTROLLER, '-o', 'name')
  const texts = pods
    .trim()
    .split('\n')
    .map((pod) =>
      read(pod).catch((failure: unknown) => {
        // One that was ending is gone by now.
        if (/NotFound/.test(String(failure))) return ''
        throw failure
      }),
    )
  return (await Promise.all(texts)).join('')
}

/** An Ingress of class `nginx` that sends all of a host to port 80 of the Service of the same name. */
export function ingress(name: string, host = `${name}.test`, path = '/'): object {
  const backend = { service: { name, port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
    },
  }
}
