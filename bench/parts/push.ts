import { join } from 'node:path'
import { createApplier } from '../../src/apply/applier.js'
import { createControlClient } from '../../src/apply/control-client.js'
import { formatOf } from '../../src/apply/lua-format.js'
import { createNginxProcess } from '../../src/apply/nginx-process.js'
import { prepareStateFolder, stateFolderAt } from '../../src/apply/state-folder.js'
import { createTableWriter } from '../../src/apply/table-writer.js'
import type { SortedMap } from '../../src/collections/sorted-map.js'
import { printFrame } from '../../src/frame/frame.js'
import type { Document } from '../../src/model/documents.js'
import { hostKey, upstreamKey } from '../../src/model/keys.js'
import { readFolder } from '../../src/sources/files/index.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate } from '../../src/translate/translate.js'
import type { Figure } from '../figure.js'
import { appName, drawnHosts, hostName, NAMESPACE } from '../hosts.js'
import { ask, isFrom } from '../rim/ask.js'
import { endProcess, removeFolder } from '../rim/cleanup.js'
import { writeManifests } from '../rim/fairlead.js'
import { frameInput } from '../rim/nginx.js'
import { findFreePorts } from '../rim/ports.js'
import type { Setting } from '../rim/setting.js'
import { count } from '../scenarios.js'
import { quantile, spreadOf } from '../statistics.js'

const ALL_ROUNDS = 5
const ONE_ROUNDS = 100

type Documents = SortedMap<Document>

/**
 * The push alone, without reading and translating: comparing two tables, encoding, sending, until every worker uses it.
 * The program's own applier and table writer do it, on an NGINX of their own.
 */
export async function measurePushes(setting: Setting, hosts: number, backendPort: number): Promise<readonly Figure[]> {
  const all = await documentsOf(setting, hosts, backendPort)
  const names = Array.from({ length: hosts }, (_, index) => keysOfHost(all, index))
  const none = without(all, names.flat())
  const target = await startTarget(setting, none)
  const push = async (documents: Documents): Promise<{ readonly milliseconds: number; readonly bytes: number }> => {
    const started = performance.now()
    const answer = await target.table.push(documents, (_, document) => document)
    if (!answer.ok) throw new Error(`the push was refused: ${answer.cause}`)
    return { milliseconds: performance.now() - started, bytes: answer.value.bytes }
  }
  const whole = []
  for (let round = 0; round < ALL_ROUNDS; round++) {
    await target.table.tidy(Number.POSITIVE_INFINITY)
    whole.push(await push(all))
    await target.expectAnswer(hosts - 1)
    if (round + 1 < ALL_ROUNDS) await push(none)
  }
  setting.say(`  ${count(hosts)} hosts: ${whole.map(({ milliseconds }) => milliseconds.toFixed(0)).join(', ')} ms`)
  const single = []
  for (let round = 0; round < ONE_ROUNDS; round++) {
    await push(without(all, names[round % hosts] ?? []))
    single.push(await push(all))
  }
  target.end()
  const milliseconds = single.map((each) => each.milliseconds)
  return [
    figureOf('push-all', `push of ${count(hosts)} hosts (${count(hosts * 2)} documents)`, whole),
    figureOf('push-one', `push of one host (2 documents) into a table of ${count(hosts)}`, single),
    {
      id: 'push-one-p90',
      what: `the same, p90 of ${milliseconds.length}`,
      unit: 'ms',
      value: quantile(milliseconds, 0.9),
    },
  ]
}

function figureOf(
  id: string,
  what: string,
  pushes: readonly { readonly milliseconds: number; readonly bytes: number }[],
): Figure {
  const spread = spreadOf(pushes.map(({ milliseconds }) => milliseconds))
  return { id, what, unit: 'ms', value: spread.median, spread, note: `${count(pushes[0]?.bytes ?? 0)} bytes` }
}

async function documentsOf(setting: Setting, hosts: number, backendPort: number): Promise<Documents> {
  const { path } = writeManifests(setting, 'push-k8s', hosts, 'json', { backendPort })
  const read = await readFolder({ folder: path, endpoints: [], log: () => undefined })
  if (!read.ok) throw new Error(read.message)
  removeFolder(path)
  const { text: chain, keyText: key } = setting.certificate
  const surroundings = { fallbackCertificate: { chain, key }, now: Date.now() }
  return translate(read.snapshot, defaultTranslateOptions, surroundings).documents
}

/** The keys of the host's own documents: it, and its upstream. */
function keysOfHost(documents: Documents, index: number): readonly string[] {
  const keys = [hostKey(hostName(index)), upstreamKey(`${NAMESPACE}/${appName(index)}/80`)]
  const missing = keys.find((key) => !documents.has(key))
  if (missing !== undefined) throw new Error(`the table has no document ${missing}`)
  return keys
}

function without(documents: Documents, keys: readonly string[]): Documents {
  return documents.with(keys.map((key) => [key, undefined] as const))
}

async function startTarget(setting: Setting, documents: Documents) {
  const [http = 0, https = 0] = await findFreePorts(2)
  const folder = stateFolderAt(join(setting.folder, 'push-state'))
  const unusable = prepareStateFolder(folder, setting.user)
  if (unusable !== undefined) throw new Error(unusable)
  const { file, keyFile } = setting.certificate
  const input = frameInput(setting, folder, http, https)
  const format = formatOf(input.paths.lua)
  const nginx = createNginxProcess(setting.engine, folder)
  const client = createControlClient(folder.controlSocket, format)
  const table = createTableWriter(client, folder.snapshot, format)
  const applier = createApplier({ folder, nginx, client, table, format, log: () => undefined })
  const end = setting.cleanup.add(() => endProcess(nginx.pid(), 'SIGTERM'))
  const paths = { ...input.paths, fallbackCertificate: file, fallbackKey: keyFile }
  const printed = (generation: number): string => printFrame({ ...input, paths, format, generation })
  const [problem] = await applier.begin({ documents, profiles: [], printFrame: printed })
  if (problem !== undefined) throw new Error(problem.message)
  return {
    table,
    end(): void {
      void client.close()
      end()
    },
    async expectAnswer(index: number): Promise<void> {
      const reply = await ask('https', https, hostName(index))
      const isReachable = drawnHosts(index + 1).includes(index)
      if (isReachable ? !isFrom(reply, index) : ![200, 502].includes(reply.status)) {
        throw new Error(`after the push ${hostName(index)} answers ${reply.status} ${reply.body}`)
      }
    },
  }
}
