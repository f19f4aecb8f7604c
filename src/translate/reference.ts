import { createProblem } from '../problems/create.js'
import type { ProblemCode } from '../problems/catalogue.js'
import type { ObjectRef, Problem } from '../problems/problem.js'
import type { KubernetesObject } from '../snapshot/objects.js'

/** The words by which problems and explanations name an object. */
export function referenceOf(object: KubernetesObject): ObjectRef {
  return { kind: object.kind, namespace: object.namespace, name: object.name }
}

/** A problem of a field of an object, with the place in its file where there is one. */
export function problemOf(code: ProblemCode, object: KubernetesObject, field: string, message: string): Problem {
  return createProblem(code, referenceOf(object), field, message)
}

/**
 * The same problems with the place in the file, for printing. Finding a place reads the file again, so it is done for
 * what is shown and not for what is found.
 */
export function withPosition(problem: Problem, object: KubernetesObject | undefined): Problem {
  const source = object?.source
  return source === undefined || problem.position !== undefined
    ? problem
    : { ...problem, position: source.locate(problem.field) }
}

/** Where something is declared, for explanations. */
export interface Declared {
  readonly object: ObjectRef
  readonly field: string
  readonly file?: string
  readonly line?: number
}

/** A field of an object, with the place in its file where there is one. */
export function declaredAt({
  ingress,
  field,
}: {
  readonly ingress: KubernetesObject
  readonly field: string
}): Declared {
  const object = referenceOf(ingress)
  const position = ingress.source?.locate(field)
  return position === undefined ? { object, field } : { object, field, file: position.file, line: position.line }
}
