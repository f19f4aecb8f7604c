import { describeObject, type Problem } from '../problems/problem.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { Log } from './log.js'
import { describePlace, locate } from './locate.js'

const AT_ONCE = 50

/** Logs problems as they come and go: each once, with its place, and a word when it is solved. */
export function createProblemLog(log: Log, snapshot: () => Snapshot): (problems: readonly Problem[]) => void {
  let known = new Map<string, Problem>()
  return (problems) => {
    const now = new Map(problems.map((problem) => [nameOf(problem), problem]))
    const fresh = [...now].filter(([name]) => !known.has(name)).map(([, problem]) => problem)
    for (const problem of fresh.slice(0, AT_ONCE)) {
      log(problem.severity === 'error' ? 'error' : 'warn', describe(locate(problem, snapshot())))
    }
    if (fresh.length > AT_ONCE) log('warn', `and ${fresh.length - AT_ONCE} more problems; "fairlead check" lists all`)
    const solved = [...known].filter(([name]) => !now.has(name)).map(([, problem]) => problem)
    for (const problem of solved.slice(0, AT_ONCE))
      log('info', `solved: ${describeObject(problem.about)} ${problem.field} (${problem.code})`)
    known = now
  }
}

function nameOf({ code, about, field, message }: Problem): string {
  return [code, describeObject(about), field, message].join('\n')
}

function describe({ about, field, message, code, position }: Problem): string {
  const place = position === undefined ? '' : ` (${describePlace(position)})`
  return `${describeObject(about)}${field === '' ? '' : ` ${field}`}: ${message} [${code}]${place}`
}
