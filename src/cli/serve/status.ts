import type { Controller } from '../../controller/controller.js'
import type { ControllerRecord } from '../../controller/metrics/record.js'
import { readNginxProcesses } from '../../observe/metrics/nginx-families.js'
import type { NginxReport, StatusReport } from '../../observe/status.js'
import { describeObject, type Problem } from '../../problems/problem.js'
import type { Document } from '../../model/documents.js'
import { ownVersion } from '../version.js'
import type { DataPlane } from './data-plane.js'
import type { Membership } from './membership.js'
import type { WatchCount } from './watch-count.js'

const FIRST_PROBLEMS = 5

/** What `fairlead status` is told. */
export function createStatusReport(
  controller: Controller,
  plane: DataPlane,
  record: ControllerRecord,
  watches: WatchCount,
  membership: Membership | undefined,
): () => Promise<StatusReport> {
  const startedAt = Date.now() - Math.round(process.uptime() * 1000)
  return async () => {
    const { ready, reason } = controller.health()
    const { applier, table } = plane
    const latest = record.latest()
    const count = applier.reloadCount()
    const { isLastGood, lastFailure } = record.reloads()
    return {
      version: ownVersion(),
      pid: process.pid,
      startedAt,
      ready,
      reason,
      revision: table.revision(),
      ingresses: latest?.report.served.size ?? 0,
      ...countDocuments(latest?.translation.documents.values() ?? []),
      certificates: latest?.translation.certificates.served.size ?? 0,
      problems: describeProblems(controller.problems()),
      reloads: {
        total: applier.reloads(),
        byReason: count.byReason(),
        last: count.last(),
        refused: isLastGood ? undefined : lastFailure,
      },
      nginx: await describeNginx(plane),
      controllerBytes: process.memoryUsage().rss,
      leader: membership?.isLeader(),
      watches: [...watches.lag(Date.now())].map(([resource, lagSeconds]) => ({ resource, lagSeconds })),
    }
  }
}

async function describeNginx({ nginx, client }: DataPlane): Promise<NginxReport | undefined> {
  const pid = nginx.pid()
  if (pid === undefined) return undefined
  const status = await client.status()
  return {
    pid,
    workers: status.ok ? status.value.workers : [],
    residentBytes: readNginxProcesses(pid).reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    tableFreeBytes: status.ok ? status.value.free : 0,
    tableCapacityBytes: status.ok ? status.value.capacity : 0,
  }
}

function countDocuments(
  documents: Iterable<Document>,
): Pick<StatusReport, 'hosts' | 'routes' | 'upstreams' | 'endpoints'> {
  const counts = { hosts: 0, routes: 0, upstreams: 0, endpoints: 0 }
  for (const document of documents) {
    if ('paths' in document) {
      const { paths } = document
      counts.hosts += 1
      counts.routes +=
        1 +
        (paths.kind === 'regex'
          ? paths.patterns.length
          : Object.keys(paths.exact).length + Object.keys(paths.prefix).length)
    } else if ('addresses' in document && 'ports' in document) {
      counts.upstreams += 1
      counts.endpoints += document.addresses.length
    }
  }
  return counts
}

function describeProblems(problems: readonly Problem[]): StatusReport['problems'] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const warnings = problems.filter(({ severity }) => severity === 'warning')
  return {
    errors: errors.length,
    warnings: warnings.length,
    first: [...errors, ...warnings].slice(0, FIRST_PROBLEMS).map(({ severity, code, about, message }) => {
      return { severity, code, about: describeObject(about), message }
    }),
  }
}
