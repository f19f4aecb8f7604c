import { chmodSync, cpSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createSelfSigned } from '../controller/self-signed.js'
import type { Backend } from './backends.js'

/**
 * Fills the folder of manifests: those of `from`, and what depends on this run, a certificate and where the backends listen.
 * So all that Fairlead needs is in the folder, and every command on it says the same.
 */
export function writeManifests(manifests: string, from: string, backends: readonly Backend[]): void {
  chmodSync(dirname(manifests), 0o711)
  cpSync(from, manifests, { recursive: true })
  writeFileSync(join(manifests, 'shop-tls.json'), JSON.stringify(secretFor('shop.example.com')))
  const slices = { apiVersion: 'v1', kind: 'List', items: backends.map(sliceOf) }
  writeFileSync(join(manifests, 'endpoints.json'), JSON.stringify(slices))
}

function secretFor(name: string): object {
  const { certificate, key } = createSelfSigned({
    commonName: name,
    organization: 'Demo',
    names: [name],
    days: 90,
    now: Date.now(),
  })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop-tls', namespace: 'demo' },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  }
}

/**
 * There is no cluster that would say where a Service leads. The endpoints of one slice share their port, so each has
 * its own.
 */
function sliceOf({ name, service, port }: Backend): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'demo', labels: { 'kubernetes.io/service-name': service.name } },
    addressType: 'IPv4',
    ports: [{ name: service.port, port }],
    endpoints: [{ addresses: ['127.0.0.1'] }],
  }
}
