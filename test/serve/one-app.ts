import { startTestBackend, type TestBackend } from './backends.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program } from './program.js'

/** A running program that serves `app.test` from one backend, whose answer is `one`. */
export interface OneApp {
  readonly program: Program
  readonly backend: TestBackend
  end(): Promise<void>
}

export async function startOneApp(): Promise<OneApp> {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  writeOneApp(program, backend)
  await program.start()
  return {
    program,
    backend,
    async end() {
      await program.remove()
      backend.close()
    },
  }
}

export function writeOneApp({ manifests }: Program, { port }: TestBackend): void {
  writeObjects(manifests, 'app', [ingress('app', 'app.test', 'app'), service('app'), slice('app', [port])])
}
