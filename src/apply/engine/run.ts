import { execFile } from 'node:child_process'

export interface Ran {
  /** undefined: it could not be started, or did not end in time. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** Why it could not be started, in the system's word: "EACCES". */
  readonly failure: string | undefined
}

/** Runs a program to its end, without input; after ten seconds it is killed. */
export function run(command: readonly string[], more: readonly string[]): Promise<Ran> {
  const [program = '', ...first] = command
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...first, ...more],
      { timeout: 10_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code
        const exitCode = typeof code === 'number' ? code : undefined
        const failure = exitCode === undefined ? (typeof code === 'string' ? code : 'no end within 10 s') : undefined
        resolve({ exitCode, stdout, stderr, failure })
      },
    )
    child.stdin?.end()
  })
}
