import type { Problem } from '../problems/problem.js'

/** Whether two lists say the same: problems are made anew each time. */
export function isSameList(a: readonly Problem[], b: readonly Problem[]): boolean {
  return a.length === b.length && a.every((problem, index) => isSame(problem, b[index]))
}

function isSame(a: Problem, b: Problem | undefined): boolean {
  if (a === b || b === undefined) return a === b
  return (
    a.code === b.code &&
    a.message === b.message &&
    a.field === b.field &&
    a.about.kind === b.about.kind &&
    a.about.namespace === b.about.namespace &&
    a.about.name === b.about.name &&
    a.position?.file === b.position?.file &&
    a.position?.line === b.position?.line &&
    a.position?.column === b.position?.column
  )
}
