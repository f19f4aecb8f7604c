import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { defaultTranslateOptions, type TranslateOptions } from './options.js'

/**
 * What flags name that does not exist; `previous` itself where nothing changed. What the default certificate is says
 * default-certificate.ts.
 */
export function missingOfFlags(
  snapshot: Snapshot,
  options: TranslateOptions,
  previous: readonly Problem[],
): readonly Problem[] {
  const { configMaps, services } = snapshot
  // The name that holds without the flag is no promise of anybody's.
  const configMap = options.configMap === defaultTranslateOptions.configMap ? '' : options.configMap
  const ports = 'No port is opened until it exists.'
  const found = [
    missing('ConfigMap', '--configmap', configMap, configMaps, 'The defaults hold until it exists.'),
    missing('ConfigMap', '--tcp-services-configmap', options.tcpServices, configMaps, ports),
    missing('ConfigMap', '--udp-services-configmap', options.udpServices, configMaps, ports),
    missing('Service', '--default-backend-service', options.defaultBackendService, services, NO_BACKEND),
  ]
  const problems = found.flatMap((problem) => problem ?? [])
  const isSame =
    problems.length === previous.length && problems.every(({ message }, at) => message === previous[at]?.message)
  return isSame ? previous : problems
}

const NO_BACKEND = 'What it should answer is answered with 404 until it exists.'

function missing(
  kind: 'ConfigMap' | 'Service',
  flag: string,
  named: string,
  there: { has(name: string): boolean },
  meanwhile: string,
): Problem | undefined {
  if (named === '' || there.has(named)) return undefined
  const [namespace = '', name = ''] = named.split('/')
  const message = `There is no ${kind} ${named}, which ${flag} names. ${meanwhile}`
  return createProblem('flag/object-not-found', { kind, namespace, name }, '', message)
}
