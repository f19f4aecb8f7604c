import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** Runs a command without colours. */
export function run(words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1' }
    execFile(process.execPath, [bin, ...words], { env }, (cause, out, error) =>
      resolve({ code: cause === null ? 0 : Number(cause.code), out, error }),
    )
  })
}

/** A folder with these files, until the end of the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** An Ingress in JSON, with a Service that need not be there. */
export function ingressText(name: string, host: string, spec: object = {}, annotations: object = {}): string {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
  return JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'demo', annotations },
    spec: { rules, ...spec },
  })
}
