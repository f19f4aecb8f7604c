import { block, simple, type Directive } from '../nginx/directive.js'
import { printConfig } from '../nginx/print.js'
import { onOff, seconds } from '../nginx/units.js'
import { firewallModule } from './firewall.js'
import { headersMoreModules } from './heads.js'
import { httpBlock } from './http.js'
import type { FrameInput } from './input.js'
import { streamBlock } from './stream.js'

export type { FrameInput } from './input.js'
export { defaultFrameSettings } from './settings.js'

/**
 * Prints nginx.conf. It holds what is the same for all hosts, and nothing that an Ingress says: hosts, routes, endpoints and
 * certificates are in the table, which Lua reads. Same input, same text; write it as UTF-8.
 *
 * Throws when a path cannot be written in nginx.conf; `unprintable` of nginx/quote.ts says so beforehand.
 */
export function printFrame(input: FrameInput): string {
  return printConfig([...main(input), httpBlock(input), ...streamBlock(input)])
}

/** With less, a worker that was told to finish is cut off while `keepalive_min_timeout` still holds its connections. */
const LEAST_SHUTDOWN_SECONDS = 10

function main(input: FrameInput): readonly Directive[] {
  const { engine, paths, settings, streams, user, workers } = input
  return [
    // ModSecurity after Lua: it brings another Lua along, whose functions have the same names.
    ...[...engine.modules, ...headersMoreModules(input), ...firewallModule(input), ...(streams?.modules ?? [])].map(
      (file) => simple('load_module', file),
    ),
    simple('daemon', 'off'),
    simple('master_process', 'on'),
    ...(user === undefined ? [] : [simple('user', user.name, user.group)]),
    simple('worker_processes', workers.processes),
    ...(settings.workerCpuAffinity.length === 0 ? [] : [simple('worker_cpu_affinity', ...settings.workerCpuAffinity)]),
    // Private keys are in the memory of workers.
    simple('worker_rlimit_core', 0),
    ...(workers.openFiles === undefined ? [] : [simple('worker_rlimit_nofile', workers.openFiles)]),
    simple('worker_shutdown_timeout', seconds(Math.max(workers.shutdownTimeoutSeconds, LEAST_SHUTDOWN_SECONDS))),
    simple('pid', paths.pid),
    simple('error_log', paths.errorLog, settings.errorLogLevel),
    // One for hashes of passwords; what waits for it is bounded in Lua.
    ...(engine.facts.threads ? [simple('thread_pool', 'fairlead', 'threads=1')] : []),
    block(
      'events',
      [],
      [
        simple('worker_connections', settings.workerConnections),
        simple('multi_accept', onOff(settings.multiAccept)),
        ...settings.debugConnections.map((address) => simple('debug_connection', address)),
      ],
    ),
  ]
}
