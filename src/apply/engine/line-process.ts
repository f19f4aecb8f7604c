import { spawn } from 'node:child_process'

/** One line of answer for each line of question, in order; or why there is none. */
export type LineAnswer = { readonly ok: true; readonly line: string } | { readonly ok: false; readonly cause: string }

/** A process that answers line by line; text is bytes, one character each. */
export interface LineProcess {
  ask(line: string): Promise<LineAnswer>
  /** true once it ended; whoever asks then is told so. */
  readonly ended: boolean
  /** Closes its input, which ends it; resolves when it is gone. */
  stop(): Promise<void>
}

interface Waiting {
  readonly answer: (answer: LineAnswer) => void
  readonly deadline: NodeJS.Timeout
}

/** Starts `command`. A question without an answer within `deadlineMilliseconds` ends the process. */
export function startLineProcess(command: readonly string[], deadlineMilliseconds: number): LineProcess {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: 'pipe' })
  const waiting: Waiting[] = []
  let cause: string | undefined
  let received = ''
  let errors = ''

  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    const lines = (received + chunk).split('\n')
    received = lines.pop() ?? ''
    for (const line of lines) settle({ ok: true, line })
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-2000)
  })
  // A write to a process that is just ending; its end is told by `close`.
  child.stdin.on('error', () => undefined)
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end(error.message)
      resolve()
    })
    child.on('close', (code, signal) => {
      const last = errors.trim().split('\n').at(-1) ?? ''
      end(`it ended with ${code ?? signal ?? 'no code'}${last === '' ? '' : ` (${last})`}`)
      resolve()
    })
  })

  function settle(answer: LineAnswer): void {
    const first = waiting.shift()
    if (first === undefined) return
    clearTimeout(first.deadline)
    first.answer(answer)
  }

  function end(why: string): void {
    cause ??= why
    while (waiting.length > 0) settle({ ok: false, cause })
  }

  return {
    get ended() {
      return cause !== undefined
    },
    ask(line) {
      return new Promise((resolve) => {
        if (cause !== undefined) {
          resolve({ ok: false, cause })
          return
        }
        const deadline = setTimeout(() => {
          end(`it gave no answer within ${deadlineMilliseconds / 1000} s`)
          child.kill('SIGKILL')
        }, deadlineMilliseconds)
        waiting.push({ answer: resolve, deadline })
        child.stdin.write(`${line}\n`, 'latin1')
      })
    },
    async stop() {
      child.stdin.end()
      await gone
    },
  }
}
