import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

const DEMO = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url))

/** A demo that keeps running after it has shown what it shows. */
export interface RunningDemo {
  readonly process: ChildProcess
  readonly output: () => string
  /** Of this run, under the temporary folder. */
  readonly folder: () => string
  /** Once everything was shown. */
  shown(): Promise<void>
  ended(): Promise<number | null>
}

export function startDemo(): RunningDemo {
  const child = spawn(process.execPath, [DEMO, '--stay'], {
    env: { ...process.env, NO_COLOR: '1', FAIRLEAD_DEMO_ONCE: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return {
    process: child,
    output: () => text,
    folder: () => /manifests (\S+)\/k8s/.exec(text)?.[1] ?? '',
    shown: () => expect.poll(() => text, { timeout: 60_000 }).toContain('It keeps running'),
    ended: () => ended,
  }
}
