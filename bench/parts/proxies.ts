import { drawnHosts, endpointAddresses, hostName } from '../hosts.js'
import { HSTS } from '../plain-config.js'
import { ask, isFrom } from '../rim/ask.js'
import { asProxy, startFairlead, writeManifests } from '../rim/fairlead.js'
import { type Certificates, startPlain, type Backend, type Proxy } from '../rim/nginx.js'
import type { Setting } from '../rim/setting.js'
import { makeCertificate } from '../rim/tools.js'
import type { Variant } from '../scenarios.js'

/** A variant that runs and has shown that it answers as it should. */
export interface RunningVariant {
  readonly variant: Variant
  readonly proxy: Proxy
  readonly hosts: readonly number[]
}

/** Addresses of all endpoints that requests to tables of these sizes can reach. */
export function reachableAddresses(sizes: readonly number[]): readonly string[] {
  return [...new Set([1, ...sizes].flatMap(drawnHosts))].flatMap(endpointAddresses)
}

/** Starts every variant; each must give the right answers, and send the same request to the backend as the first one does. */
export async function startVariants(
  setting: Setting,
  variants: readonly Variant[],
  backend: Backend,
): Promise<readonly RunningVariant[]> {
  const running: RunningVariant[] = []
  let expected: RequestLengths | undefined
  for (const variant of variants) {
    const started = performance.now()
    const proxy = await startVariant(setting, variant, backend.port)
    const one: RunningVariant = { variant, proxy, hosts: drawnHosts(variant.hosts) }
    expected ??= await requestLengths(one)
    await check(setting, one, expected)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    setting.say(`  ${variant.label}: serves after ${seconds} s, right answers for ${one.hosts.length} hosts`)
    running.push(one)
  }
  return running
}

/**
 * Beside plain NGINX nobody writes a store of requests either, on the core that the load comes from; `--only logs`
 * measures that.
 */
const NO_STORE = ['--log-retention', '0']

async function startVariant(setting: Setting, variant: Variant, backendPort: number): Promise<Proxy> {
  const { id, engine, hosts, annotations, configMap, path, more, flags, certificates: each } = variant
  const certificates = each === undefined ? undefined : certificatesOf(setting, hosts)
  if (engine === 'plain') return startPlain(setting, id, hosts, backendPort, certificates)
  const choices = {
    backendPort,
    annotations: withBackend(annotations, backendPort),
    configMap,
    path,
    more,
    certificates,
  }
  const folder = writeManifests(setting, `${id}-k8s`, hosts, 'json', choices)
  return asProxy(
    setting,
    await startFairlead(setting, id, folder.path, 'beside the proxy', [...NO_STORE, ...(flags ?? [])]),
  )
}

const made = new WeakMap<Setting, Setting['certificate'][]>()

/** The same for all variants of a run. */
function certificatesOf(setting: Setting, hosts: number): Certificates {
  const list = made.get(setting) ?? []
  made.set(setting, list)
  for (let index = list.length; index < hosts; index++) {
    list.push(makeCertificate(setting.folder, hostName(index), [hostName(index)]))
  }
  return (index) => list[index] ?? setting.certificate
}

/** Bytes of the request that the backend gets, by scheme. The names of all hosts are of one length. */
interface RequestLengths {
  readonly http: string
  readonly https: string
}

async function requestLengths({ proxy }: RunningVariant): Promise<RequestLengths> {
  const [http, https] = [await ask('http', proxy.http, hostName(0)), await ask('https', proxy.https, hostName(0))]
  return { http: http.body.split(' ')[1] ?? '', https: https.body.split(' ')[1] ?? '' }
}

async function check(
  { client }: Setting,
  { variant, proxy, hosts }: RunningVariant,
  lengths: RequestLengths,
): Promise<void> {
  const identity = { cert: client.text, key: client.keyText }
  for (const host of hosts) {
    for (const scheme of ['http', 'https'] as const) {
      const reply = await ask(scheme, proxy[scheme], hostName(host), '/', variant.headers, identity)
      const where = `${variant.label}, ${scheme}://${hostName(host)}/`
      if (!isFrom(reply, host)) throw new Error(`${where}: ${reply.status} ${reply.body}, not of the right backend`)
      if (variant.changesRequest !== true && reply.body.split(' ')[1] !== lengths[scheme]) {
        throw new Error(`${where}: the backend got ${reply.body.split(' ')[1]} bytes instead of ${lengths[scheme]}`)
      }
      if (reply.strictTransportSecurity !== (scheme === 'https' ? HSTS : undefined)) {
        throw new Error(`${where}: Strict-Transport-Security is ${reply.strictTransportSecurity ?? 'absent'}`)
      }
    }
  }
}

function withBackend(annotations: Variant['annotations'], port: number): Variant['annotations'] {
  const [address = ''] = endpointAddresses(0)
  if (annotations === undefined) return undefined
  return Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [name, text.replace('BACKEND', `${address}:${port}`)]),
  )
}
