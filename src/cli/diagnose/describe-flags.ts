import type { Command } from 'commander'

/** Flags whose text is a name, an address or a number. The text of any other one may be a password, or hold one. */
const SHOWN = new Set([
  'adminAuth',
  'adminHost',
  'annotationsPrefix',
  'configmap',
  'controllerClass',
  'defaultBackendService',
  'defaultSslCertificate',
  'electionId',
  'healthCheckPath',
  'healthzHost',
  'ingressClass',
  'lengthBuckets',
  'logFormat',
  'publishService',
  'secrets',
  'sizeBuckets',
  'tcpServicesConfigmap',
  'timeBuckets',
  'udpServicesConfigmap',
  'watchNamespace',
  'zone',
])

/** The flags that were given, a line each; of those that may hold something secret only that they were. */
export function describeFlags(command: Command): string {
  const given = command.options
    .map((option) => option.attributeName())
    .filter((name) => (command.getOptionValueSource(name) ?? 'default') !== 'default')
  const lines = [...new Set(given)].map((name) => {
    const value: unknown = command.getOptionValue(name)
    const isShown = typeof value === 'number' || typeof value === 'boolean' || SHOWN.has(name)
    return `${name}: ${isShown ? JSON.stringify(value) : '(given)'}\n`
  })
  return lines.join('')
}
