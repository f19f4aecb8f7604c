import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createApplier, type Applier, type Desired } from '../../src/apply/applier.js'
import { createControlClient, type ControlClient } from '../../src/apply/control-client.js'
import { createNginxProcess, type NginxProcess } from '../../src/apply/nginx-process.js'
import { framePaths, prepareStateFolder, stateFolderAt } from '../../src/apply/state-folder.js'
import { createTableWriter, type TableWriter } from '../../src/apply/table-writer.js'
import { findWorkerUser } from '../../src/apply/worker-user.js'
import { SortedMap } from '../../src/collections/sorted-map.js'
import { printFrame, type FrameInput } from '../../src/frame/frame.js'
import type { Document, HostDocument, Route, UpstreamDocument } from '../../src/model/documents.js'
import type { Profile } from '../../src/nginx/profile.js'
import { buildLua, createInput } from '../edge/frame-engine.js'
import { theEngine } from '../support/engine.js'

/** An applier of its own, with a real NGINX and one backend. */
export interface Begun {
  readonly applier: Applier
  readonly nginx: NginxProcess
  readonly client: ControlClient
  readonly table: TableWriter
  readonly input: FrameInput
  readonly folder: ReturnType<typeof stateFolderAt>
  desire(hosts: readonly (readonly [string, HostDocument])[], profiles: readonly Profile[]): Desired
}

/** Begins one on a new state folder, or goes on with the one at `root`, whose frame was `like`. */
export type Begin = (changes: Partial<FrameInput>, root?: string, like?: FrameInput) => Promise<Begun>

/** For the tests of a file; what they began is ended after each of them. */
export function useApplier(): Begin {
  let lua = ''
  let backend: Server
  const folders: string[] = []
  const started: { nginx: NginxProcess; client: ControlClient }[] = []

  beforeAll(async () => {
    const folder = await newFolder()
    lua = await buildLua(folder)
    backend = createServer((_, response) => response.end('backend'))
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    for (const { nginx, client } of started.splice(0)) {
      nginx.signal('SIGTERM')
      await nginx.waitForEnd(10_000)
      await client.close()
    }
  })

  afterAll(async () => {
    backend.close()
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  function upstream(): UpstreamDocument {
    const { port } = backend.address() as AddressInfo // it listens on TCP
    return { key: 'app', label: 'app', addresses: ['127.0.0.1'], ports: [port] }
  }

  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-apply-'))
    await chmod(folder, 0o711)
    folders.push(folder)
    return folder
  }

  async function begin(changes: Partial<FrameInput>, root?: string, like?: FrameInput): Promise<Begun> {
    const engine = await theEngine()
    const folder = stateFolderAt(root ?? (await newFolder()))
    expect(prepareStateFolder(folder, findWorkerUser())).toBeUndefined()
    const base = like ?? (await createInput(engine, lua, folder.root, { format: 'test.', ...changes }))
    const input: FrameInput = { ...base, paths: { ...base.paths, ...framePaths(folder) } }
    const nginx = createNginxProcess(engine, folder)
    const client = createControlClient(folder.controlSocket, 'test.')
    const table = createTableWriter(client, folder.snapshot, 'test.')
    const applier = createApplier({ folder, nginx, client, table, format: 'test.', log: () => undefined })
    started.push({ nginx, client })
    return {
      applier,
      nginx,
      client,
      table,
      input,
      folder,
      desire: (hosts, profiles) => ({
        documents: SortedMap.of<Document>([
          ['h:_', hostDocument('_', { kind: 'answer', status: 404, label: '' })],
          ['u:app', upstream()],
          ...hosts,
        ]),
        profiles,
        printFrame: (generation, used) => printFrame({ ...input, generation, profiles: used }),
      }),
    }
  }

  return begin
}

export function plainHost(name: string, profile?: string): readonly [string, HostDocument] {
  const document = hostDocument(name, { kind: 'proxy', upstream: 'app', pool: 'http/1' }, profile)
  return [`h:${name}`, document]
}

export function hostDocument(name: string, action: Route['action'], profile?: string): HostDocument {
  const root: Route = { path: '/', match: 'prefix', action, ...(profile === undefined ? {} : { profile }) }
  return { name, paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] }, root }
}

export function ask(input: FrameInput, host: string, path = '/'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: input.listeners.httpPort, path, headers: { host } },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

export async function until(fact: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) if (await fact()) return
  throw new Error('it did not come true in 10 s')
}
