import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Problem } from '../../src/problems/problem.js'
import type { Ingress } from '../../src/snapshot/objects.js'
import {
  createFilesSource,
  type EndpointsFlag,
  type FilesSource,
  type SourceState,
} from '../../src/sources/files/index.js'
import type { Lookup } from '../../src/sources/names/resolve.js'

/** A folder of its own for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** As editors do it: the new text is written beside the file and takes its place in one step. */
export function saveByRename(path: string, text: string): void {
  writeFileSync(`${path}~`, text)
  renameSync(`${path}~`, path)
}

export function ingress(name: string, host = `${name}.example.com`): string {
  return [
    'apiVersion: networking.k8s.io/v1',
    'kind: Ingress',
    'metadata:',
    `  name: ${name}`,
    '  namespace: shop',
    'spec:',
    '  rules:',
    `    - host: ${host}`,
    '',
  ].join('\n')
}

export function service(name: string, spec = '{ports: [{port: 80}]}'): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`
}

export interface FollowedFolder {
  readonly source: FilesSource
  readonly messages: string[]
  readonly changes: () => number
}

/** Starts a source that is stopped when the test ends. */
export async function follow(
  folder: string,
  options: { readonly endpoints?: readonly EndpointsFlag[]; readonly lookup?: Lookup } = {},
): Promise<FollowedFolder> {
  const messages: string[] = []
  let changes = 0
  const source = createFilesSource({
    folder,
    endpoints: options.endpoints ?? [],
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    onChange: () => {
      changes += 1
    },
    log: (level, message) => messages.push(`${level}: ${message}`),
  })
  onTestFinished(() => source.stop())
  const started = await source.start()
  if (!started.ok) throw new Error(started.message)
  return { source, messages, changes: () => changes }
}

/** Waits until the state is as wished; the error says what it was last. */
export async function until(source: FilesSource, isSo: (state: SourceState) => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!isSo(source.current())) {
    if (performance.now() > deadline) throw new Error(`It stayed ${JSON.stringify(summary(source.current()))}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

export function hostsOf({ snapshot }: SourceState): string[] {
  return [...snapshot.ingresses.values()].flatMap(({ rules }: Ingress) => rules.map(({ host }) => host)).sort()
}

export function codesOf({ problems }: Pick<SourceState, 'problems'>): string[] {
  return problems.map(({ code }: Problem) => code)
}

function summary(state: SourceState): object {
  return { hosts: hostsOf(state), problems: state.problems }
}
