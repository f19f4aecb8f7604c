import { X509Certificate } from 'node:crypto'
import { writeFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import type { Figure } from '../figure.js'
import { DOMAIN, hostName } from '../hosts.js'
import {
  endpointSlice,
  ingress,
  objectsOfHost,
  printObjects,
  secret,
  service,
  type KubernetesObject,
  type TableChoices,
} from '../manifests.js'
import { ask, isFrom, servedFingerprint, until } from '../rim/ask.js'
import { hostFile, startFairlead, writeManifests } from '../rim/fairlead.js'
import { childrenOf } from '../rim/proc.js'
import type { Setting } from '../rim/setting.js'
import { count } from '../scenarios.js'

/** Hosts of the table; each change is to the next of them. */
export const RELOAD_HOSTS = 200

const PATIENCE_SECONDS = 10

/** Makes changes of three kinds in turn, sees that each is served, and counts reloads. */
export async function measureReloads(
  setting: Setting,
  backendPort: number,
  changes: number,
): Promise<readonly Figure[]> {
  const choices: TableChoices = { backendPort }
  const { path } = writeManifests(setting, 'reloads-k8s', RELOAD_HOSTS, 'json', choices)
  const own = { ...choices, secretName: 'own-tls' }
  const fairlead = await startFairlead(setting, 'reloads', path, 'free')
  const before = { generation: fairlead.generation(), workers: childrenOf(fairlead.master).join() }
  for (let change = 0; change < changes; change++) {
    const index = change % RELOAD_HOSTS
    const other = (index + 1 + Math.floor(change / RELOAD_HOSTS)) % RELOAD_HOSTS
    const host = hostName(index)
    const answersFrom = async (backend: number): Promise<boolean> =>
      isFrom(await ask('http', fairlead.http, host), backend)
    if (change % 3 === 0) {
      save(path, index, [ingress(index, other, choices), service(index), endpointSlice(index, index, choices)])
      await until(`the route of ${host}`, () => answersFrom(other), PATIENCE_SECONDS)
    } else if (change % 3 === 1) {
      save(path, index, [ingress(index, index, choices), service(index), endpointSlice(index, other, choices)])
      await until(`the endpoints of ${host}`, () => answersFrom(other), PATIENCE_SECONDS)
      // Back again, without waiting: routes of other hosts will lead here.
      save(path, index, objectsOfHost(index, choices))
    } else {
      const { certificate, key } = createSelfSigned({
        commonName: `${DOMAIN} ${change}`,
        organization: 'Fairlead bench',
        names: [host],
        days: 30,
        now: Date.now(),
      })
      const [, ...rest] = objectsOfHost(index, choices)
      save(path, index, [ingress(index, index, own), ...rest, secret('own-tls', certificate, key)])
      const wanted = new X509Certificate(certificate).fingerprint256
      const isServed = async (): Promise<boolean> => (await servedFingerprint(fairlead.https, host)) === wanted
      await until(`the certificate of ${host}`, isServed, PATIENCE_SECONDS)
      // Its Secret goes again: the next host has one of the same name.
      save(path, index, objectsOfHost(index, choices))
    }
    if ((change + 1) % 200 === 0) setting.say(`  change ${change + 1} of ${changes}`)
  }
  const reloads = fairlead.generation() - before.generation
  const isSame = childrenOf(fairlead.master).join() === before.workers
  fairlead.end()
  return [
    {
      id: 'reloads',
      what: `reloads over ${count(changes)} changes of routes, endpoints, certificates`,
      unit: 'count',
      value: reloads,
      goal: changes >= 1_000 ? { atMost: 0, aim: 0 } : undefined,
      note: `each change seen to be served; worker processes ${isSame ? 'the same' : 'NOT the same'} as before`,
    },
  ]
}

/** By rename, as editors and deployment tools save. */
function save(manifests: string, index: number, objects: readonly KubernetesObject[]): void {
  const file = hostFile(manifests, index, 'json')
  const beside = join(manifests, `.${index}.new`)
  writeFileSync(beside, printObjects(objects, 'json'))
  renameSync(beside, file)
}
