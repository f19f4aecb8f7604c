import { Option, type Command } from 'commander'
import { goSwitch } from '../go-flags.js'

/** A flag of ingress-nginx that is accepted, so that its users' arguments go on working, and does nothing here. */
interface IdleFlag {
  readonly name: string
  readonly kind: 'switch' | 'value'
  /** Said once when the flag is given. */
  readonly why: string
}

const NATIVE =
  'histograms have the buckets of --time-buckets, --length-buckets and --size-buckets; native ones are not made'
const PORT = 'there is no such port here: the controller talks to NGINX over a Unix socket'
const KLOG = 'the log goes to standard error; --log-format and -v shape it'
const PUSHED = 'changes are pushed as they come and tried again until they are live'
const GEOGRAPHY = 'geography by MaxMind is not offered yet'

const idleFlags: readonly IdleFlag[] = [
  value('bucket-factor', NATIVE),
  value('default-server-port', PORT),
  value('dynamic-configuration-retries', PUSHED),
  flag('disable-full-test', 'an Ingress is reviewed by itself and against the others in any case'),
  flag('enable-annotation-validation', 'annotations are always validated'),
  flag('enable-ssl-chain-completion', 'missing intermediate certificates are reported, not fetched'),
  value(
    'health-check-timeout',
    'the health endpoints answer from what the controller knows, without a request that could hang',
  ),
  value('internal-logger-address', PORT),
  value('max-buckets', NATIVE),
  value('maxmind-edition-ids', GEOGRAPHY),
  value('maxmind-license-key', GEOGRAPHY),
  value('maxmind-mirror', GEOGRAPHY),
  value('maxmind-retries-count', GEOGRAPHY),
  value('maxmind-retries-timeout', GEOGRAPHY),
  value('monitor-max-batch-size', 'workers add up what they count, so that nothing is dropped'),
  value('profiler-address', 'Node.js is profiled with NODE_OPTIONS, for example --cpu-prof'),
  value('profiler-port', 'Node.js is profiled with NODE_OPTIONS, for example --cpu-prof'),
  flag('profiling', 'Node.js is profiled with NODE_OPTIONS, for example --cpu-prof'),
  value(
    'ssl-passthrough-proxy-port',
    'TLS that is not passed through is handed over inside NGINX, not through a port that everybody could reach',
  ),
  value('status-port', PORT),
  value('sync-period', 'nothing is missed between watches, so there is nothing to sync again'),
  value('sync-rate-limit', PUSHED),
  flag('add_dir_header', KLOG),
  flag('alsologtostderr', KLOG),
  value('log_backtrace_at', KLOG),
  value('log_dir', KLOG),
  value('log_file', KLOG),
  value('log_file_max_size', KLOG),
  flag('logtostderr', KLOG),
  flag('one_output', KLOG),
  flag('skip_headers', KLOG),
  flag('skip_log_headers', KLOG),
  value('stderrthreshold', KLOG),
  value('vmodule', KLOG),
]

function value(name: string, why: string): IdleFlag {
  return { name, kind: 'value', why }
}

function flag(name: string, why: string): IdleFlag {
  return { name, kind: 'switch', why }
}

/** Makes a command accept them; `--help` does not list them. */
export function addIdleFlags(command: Command): Command {
  for (const { name, kind } of idleFlags) {
    const option = kind === 'switch' ? goSwitch(name, '') : new Option(`--${name} <value>`)
    command.addOption(option.hideHelp())
  }
  return command
}

/** One sentence for each of them that was given. */
export function describeIdleFlags(command: Command): readonly string[] {
  const given = new Set(
    command.options
      .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
      .map(({ long }) => long),
  )
  return idleFlags
    .filter(({ name }) => given.has(`--${name}`))
    .map(({ name, why }) => `--${name} has no effect: ${why}`)
}
