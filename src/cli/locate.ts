import type { Position, Problem } from '../problems/problem.js'
import type { KubernetesObject } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { withPosition } from '../translate/reference.js'

/** The problem with its place in a file, where its object came from one. */
export function locate(problem: Problem, snapshot: Snapshot): Problem {
  return withPosition(problem, objectOf(problem, snapshot))
}

function objectOf({ about }: Problem, snapshot: Snapshot): KubernetesObject | undefined {
  const key = `${about.namespace}/${about.name}`
  switch (about.kind) {
    case 'Ingress':
      return snapshot.ingresses.get(key)
    case 'IngressClass':
      return snapshot.ingressClasses.get(about.name)
    case 'Service':
      return snapshot.services.get(key)
    case 'Secret':
      return snapshot.secrets.get(key)
    case 'ConfigMap':
      return snapshot.configMaps.get(key)
    default:
      return undefined
  }
}

/** `file:line:column`, counted from 1; of what has no place in its file, such as one that cannot be read, the file alone. */
export function describePlace({ file, line, column }: Position): string {
  return line === 0 ? file : `${file}:${line}:${column}`
}
