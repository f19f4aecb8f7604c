import type { Family, Value } from '../../observe/metrics/family.js'
import { PREFIX } from '../../observe/metrics/request-text.js'
import type { Labels } from '../../observe/metrics/text.js'
import type { Problem } from '../../problems/problem.js'
import type { ServedIngresses } from '../served.js'

/** Ingresses with a path whose Service is not there, or has no endpoint (orphan_ingress of section 2.2). */
export function orphanFamily(served: ServedIngresses, problems: readonly Problem[], constant: Labels): Family {
  const orphans = new Set(problems.map(({ code, about }) => `${TYPES[code] ?? ''} ${about.namespace}/${about.name}`))
  return {
    name: `${PREFIX}orphan_ingress`,
    kind: 'gauge',
    help: '1: the Ingress has a path without Service, or whose Service has no endpoint.',
    samples: samplesOf(served, orphans, constant),
  }
}

const TYPES: Readonly<Record<string, string>> = {
  'backend/service-not-found': 'no-service',
  'backend/no-ready-endpoint': 'no-endpoint',
}

function* samplesOf(
  served: ServedIngresses,
  orphans: ReadonlySet<string>,
  constant: Labels,
): Generator<Value, undefined> {
  for (const [key, { namespace, name }] of served) {
    for (const type of ['no-service', 'no-endpoint']) {
      const labels: Labels = [...constant, ['ingress', name], ['namespace', namespace], ['type', type]]
      yield { labels, value: orphans.has(`${type} ${key}`) ? 1 : 0 }
    }
  }
  return undefined
}
