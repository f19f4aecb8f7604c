import type { FrameChoices } from '../model/global-settings.js'
import type { LogTarget } from '../model/log-targets.js'
import type { Values } from './index.js'
import type { KeyProblem } from './declare.js'

/** What several keys together say of where logs go. Absent: all of it as by default. */
export function logTargetsOf(values: Values): {
  readonly frame: FrameChoices
  readonly problems: readonly KeyProblem[]
} {
  const { 'syslog-host': host, 'enable-syslog': wantsSyslog } = values
  if (wantsSyslog === true && host !== undefined) {
    const syslog: LogTarget = { kind: 'syslog', host, port: values['syslog-port'] ?? 514 }
    return { frame: { logTargets: { requests: syslog, connections: syslog, errors: syslog } }, problems: [] }
  }
  const problems: readonly KeyProblem[] = wantsSyslog === true ? [NO_HOST] : []
  const common = values['access-log-path']
  const requests = values['http-access-log-path'] ?? common
  const connections = values['stream-access-log-path'] ?? common
  const errors = values['error-log-path']
  if (requests === undefined && connections === undefined && errors === undefined) return { frame: {}, problems }
  const targets = { requests: targetOf(requests), connections: targetOf(connections), errors: undefined }
  return {
    frame: { logTargets: errors === undefined ? targets : { ...targets, errors: targetOf(errors) } },
    problems,
  }
}

const NO_HOST: KeyProblem = {
  key: 'enable-syslog',
  kind: 'unreadable',
  message: 'Syslog needs syslog-host, the name or address of its server; logs go where they go without it.',
}

function targetOf(path: string | undefined): LogTarget {
  return path === undefined ? { kind: 'standard output' } : { kind: 'file', path }
}
