import type { ProblemCode, Severity } from './catalogue.js'

/** Which object a problem is about. `namespace` is empty for what has none (an IngressClass, a file, a flag). */
export interface ObjectRef {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Where the object was read: `line` and `column` count from 1; 0 says that only the file is known. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * One thing that is wrong, as a value: whose field, what happens instead and how to put it right.
 * Events, status, exit codes and pages are renderings of a list of these.
 */
export interface Problem {
  readonly code: ProblemCode
  readonly severity: Severity
  readonly about: ObjectRef
  /** A path into the object, such as `spec.rules[0].http.paths[1].backend`; empty when it is the whole object. */
  readonly field: string
  readonly message: string
  readonly position?: Position
}

/** What a function gives that can go on after a mistake in its input. */
export interface Found<T> {
  readonly value: T
  readonly problems: readonly Problem[]
}

/** `Ingress shop/front`, or `IngressClass nginx` where there is no namespace. */
export function describeObject(about: ObjectRef): string {
  return about.namespace === '' ? `${about.kind} ${about.name}` : `${about.kind} ${about.namespace}/${about.name}`
}
