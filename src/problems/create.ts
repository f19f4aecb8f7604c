import { catalogue, type ProblemCode } from './catalogue.js'
import type { ObjectRef, Position, Problem } from './problem.js'

/** Makes a problem; its severity is the catalogue's. */
export function createProblem(
  code: ProblemCode,
  about: ObjectRef,
  field: string,
  message: string,
  position?: Position,
): Problem {
  const problem = { code, severity: catalogue[code].severity, about, field, message }
  return position === undefined ? problem : { ...problem, position }
}
