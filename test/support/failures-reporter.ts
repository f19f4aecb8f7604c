import { appendFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Writes what failed into the file that FAIRLEAD_FAILURES names, a line each: project, file, test, what it said.
 * test/layers prints that file last, since the end of a log is all that some systems show of a run.
 */
export default class FailuresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map((error) => `outside of tests: ${briefly(error.stack ?? error.message)}`),
    ]
    const file = process.env['FAIRLEAD_FAILURES']
    if (file !== undefined && lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`)
  }
}

function failuresOf(module: TestModule): string[] {
  const where = `${module.project.name} ${module.relativeModuleId}`
  const tests = [...module.children.allTests('failed')].map(
    (test) =>
      `${where} > ${test.fullName}: ${briefly(
        test
          .result()
          .errors?.map((error) => error.message)
          .join(' | '),
      )}`,
  )
  const around = module.errors().map((error) => `${where}: ${briefly(error.message)}`)
  const suites = [...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map((error) => `${where} > ${suite.fullName}: ${briefly(error.message)}`),
  )
  return [...tests, ...around, ...suites]
}

function briefly(text: string | undefined): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').slice(0, 500)
}
