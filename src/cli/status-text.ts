import pc from 'picocolors'
import type { StatusReport } from '../observe/status.js'

/** One screen; text of users' objects is written without control characters. */
export function printStatus(report: StatusReport, now: number): string {
  const { problems, reloads, nginx, watches } = report
  const lines = [report.ready ? pc.green('ready') : pc.red('not ready')]
  const row = (name: string, text: string): void => void lines.push(`  ${pc.dim(name.padEnd(11))} ${plain(text)}`)
  row('state', report.reason)
  row('fairlead', `${report.version}, process ${report.pid}, for ${duration(now - report.startedAt)}`)
  row('table', `revision ${report.revision}${describeTable(report)}`)
  row(
    'routes',
    `${many(report.ingresses, 'Ingress', 'Ingresses')}, ${many(report.hosts, 'host')}, ${many(report.routes, 'route')}`,
  )
  row(
    'backends',
    `${many(report.upstreams, 'upstream')}, ${many(report.endpoints, 'endpoint')}, ${many(report.certificates, 'certificate')}`,
  )
  row('reloads', describeReloads(reloads, now))
  if (nginx === undefined) row('NGINX', 'does not run')
  else row('NGINX', `process ${nginx.pid}, ${many(nginx.workers.length, 'worker')}${describeDraining(nginx.workers)}`)
  row(
    'memory',
    `controller ${size(report.controllerBytes)}${nginx === undefined ? '' : `, NGINX ${size(nginx.residentBytes)}`}`,
  )
  if (report.leader !== undefined) row('leader', report.leader ? 'this replica' : 'another replica')
  const late = watches.filter(({ lagSeconds }) => lagSeconds > 0)
  if (watches.length > 0)
    row(
      'watches',
      late.length === 0
        ? `all ${watches.length} up to date`
        : late.map(({ resource, lagSeconds }) => `${resource} fails for ${duration(lagSeconds * 1000)}`).join(', '),
    )
  row('problems', `${many(problems.errors, 'error')}, ${many(problems.warnings, 'warning')}`)
  for (const { severity, code, about, message } of problems.first) {
    const color = severity === 'error' ? pc.red : pc.yellow
    lines.push(`    ${color(code)} ${plain(about)}: ${plain(message)}`)
  }
  const more = problems.errors + problems.warnings - problems.first.length
  if (more > 0) lines.push(`    and ${more} more; the log of the controller has them all`)
  return `${lines.join('\n')}\n`
}

function describeTable({ nginx }: StatusReport): string {
  if (nginx === undefined || nginx.tableCapacityBytes === 0) return ''
  const used = nginx.tableCapacityBytes - nginx.tableFreeBytes
  return `, ${size(used)} of ${size(nginx.tableCapacityBytes)} used`
}

function describeReloads({ total, byReason, last, refused }: StatusReport['reloads'], now: number): string {
  if (refused !== undefined) return `NGINX refused the last frame: ${refused}`
  if (last === undefined) return 'none since the start'
  const reasons = Object.entries(byReason).filter(([, count]) => count > 0)
  return `${total} (${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')}), the last ${duration(now - last.at)} ago because of ${REASONS[last.reason] ?? last.reason}`
}

const REASONS: Readonly<Record<string, string>> = {
  profiles: 'a new profile',
  settings: 'changed settings',
  code: 'other code',
}

function describeDraining(workers: readonly { readonly state: string }[]): string {
  const draining = workers.filter(({ state }) => state !== 'up').length
  return draining === 0 ? '' : ` (${draining} finishing their connections)`
}

function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`
}

function size(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(bytes < 100 * 1024 * 1024 ? 1 : 0)} MiB`
}

function duration(milliseconds: number): string {
  const seconds = Math.max(Math.round(milliseconds / 1000), 0)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

/** Names and messages may hold what users wrote: nothing of it may move the cursor of a terminal. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}
