import type { ObjectProblems, Page, ProblemRow } from '../../observe/shown.js'
import { catalogue } from '../../problems/catalogue.js'
import { describeObject, type Problem } from '../../problems/problem.js'
import { pageOf, type PageQuestion } from './page.js'

/** Finds the place of a problem in its file, where there is one. */
export type Locate = (problem: Problem) => Problem

interface Group {
  readonly name: string
  readonly problems: readonly Problem[]
  readonly text: string
}

/** Gives problems by the object they are about, those with errors first, a page of objects at a time. */
export function createProblemList(): (
  problems: readonly Problem[],
  question: PageQuestion & { readonly severity: 'error' | 'warning' | 'all' },
  locate: Locate,
) => Page<ObjectProblems> {
  let known: readonly Problem[] | undefined
  let groups: readonly Group[] = []
  return (problems, question, locate) => {
    if (problems !== known) {
      known = problems
      groups = group(problems)
    }
    const { severity } = question
    const wanted =
      severity === 'all' ? groups : groups.filter(({ problems: own }) => own.some((one) => one.severity === severity))
    return pageOf(
      wanted,
      ({ text }) => text,
      question,
      ({ problems: own }) => rowOf(own.filter((one) => severity === 'all' || one.severity === severity).map(locate)),
    )
  }
}

export function problemRow({ code, severity, field, message, position }: Problem): ProblemRow {
  const { title } = catalogue[code]
  const place = position === undefined ? {} : { file: position.file, line: position.line }
  return { code, severity, title, field, message, ...place }
}

/** How many there are of each severity. */
export function countProblems(problems: readonly Problem[]): { readonly errors: number; readonly warnings: number } {
  const errors = problems.reduce((sum, { severity }) => sum + (severity === 'error' ? 1 : 0), 0)
  return { errors, warnings: problems.length - errors }
}

function group(problems: readonly Problem[]): readonly Group[] {
  const byName = new Map<string, Problem[]>()
  for (const problem of problems) {
    const name = describeObject(problem.about)
    const list = byName.get(name)
    if (list === undefined) byName.set(name, [problem])
    else list.push(problem)
  }
  const rank = (own: readonly Problem[]): number => (own.some(({ severity }) => severity === 'error') ? 0 : 1)
  return [...byName]
    .map(([name, own]) => ({ name, problems: own, text: textOf(name, own) }))
    .sort((a, b) => rank(a.problems) - rank(b.problems) || (a.name < b.name ? -1 : 1))
}

function textOf(name: string, problems: readonly Problem[]): string {
  return [name, ...problems.flatMap(({ code, message, field }) => [code, message, field])].join(' ').toLowerCase()
}

function rowOf(problems: readonly Problem[]): ObjectProblems {
  const { kind = '', namespace = '', name = '' } = problems[0]?.about ?? {}
  return { kind, namespace, name, problems: problems.map(problemRow) }
}
