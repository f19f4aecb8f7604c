import { Option, type Command } from 'commander'
import { addApiServerFlags } from '../api-server-flags.js'
import { addTranslationFlags, parseObjectName, parsePort, parseWhole, type TranslationFlags } from '../flags.js'
import type { SecretsMode } from '../../sources/cluster/index.js'
import { goSwitch, parseGoDuration } from '../go-flags.js'
import { addLoadBalancerFlags, checkLoadBalancerFlags, type LoadBalancerFlags } from '../loadbalancer-flags.js'
import { addIdleFlags } from './ingress-nginx-flags.js'
import type { AnalyticsFlags } from './analytics.js'
import { addMetricsFlags, type MetricsFlags } from './metrics-flags.js'
import { parseRetention, standardRetention } from './retention.js'
import { StartError } from './start-error.js'

/** What `fairlead serve` takes; names and defaults are those of ingress-nginx where it has the flag (observability.md, 4). */
export interface ServeFlags extends TranslationFlags, ClusterFlags, MetricsFlags, AnalyticsFlags, LoadBalancerFlags {
  readonly httpPort: number
  readonly httpsPort: number
  readonly healthzHost: string
  readonly healthzPort: number
  /** Absent: no admin port. */
  readonly adminPort?: number
  readonly adminHost: string
  readonly adminTokenFile?: string
  readonly adminAuth: 'token' | 'kubernetes'
  readonly stateDir?: string
  readonly nginx?: string
  readonly tableSize: number
  readonly streamPort: number
  readonly accessLog: boolean
  readonly logAnalytics: boolean
  /** Absent: no alerts. */
  readonly alertRules?: string
  /** Absent: the folder of the rules. */
  readonly alertSecrets?: string
  readonly logFormat?: 'text' | 'json'
  /** Seconds. */
  readonly shutdownGracePeriod: number
  /** Seconds; absent: `postShutdownSeconds` decides. */
  readonly postShutdownGracePeriod?: number
  readonly v?: number
}

/** What only a cluster as the source gives a meaning to. */
export interface ClusterFlags {
  readonly kubeconfig: string
  readonly apiserverHost: string
  readonly certificateAuthority: string
  readonly watchNamespaceSelector: string
  readonly secrets: SecretsMode
  readonly electionId: string
  /** Milliseconds. */
  readonly electionTtl: number
  readonly disableLeaderElection?: boolean
  readonly updateStatus: boolean
  readonly updateStatusOnShutdown: boolean
  /** Seconds. */
  readonly statusUpdateInterval: number
  readonly publishService: string
  readonly publishStatusAddress: string
  readonly reportNodeInternalIpAddress?: boolean
  readonly disableSyncEvents?: boolean
  readonly validatingWebhook: string
  readonly validatingWebhookCertificate: string
  readonly validatingWebhookKey: string
}

export function addServeFlags(command: Command): Command {
  command
    .option('--manifests <folder>', 'folder of Kubernetes manifests (*.yaml, *.yml, *.json) instead of a cluster')
    .option('--http-port <port>', 'port for HTTP', parsePort, 80)
    .option('--https-port <port>', 'port for HTTPS', parsePort, 443)
    .option('--healthz-host <address>', 'address of the health endpoints (empty: all)', '')
    .option('--healthz-port <port>', 'port of the health endpoints', parsePort, 10254)
    .option('--admin-port <port>', 'port of the dashboard and its API (default: none)', parsePort)
    .option('--admin-host <address>', 'address of the admin port', '127.0.0.1')
    .option('--admin-token-file <file>', 'file with its token (default: a new one in the state folder)')
    .addOption(
      new Option('--admin-auth <kind>', 'who may look: the token, or also who may get /fairlead in the cluster')
        .choices(['token', 'kubernetes'])
        .default('token'),
    )
    .option(
      '--state-dir <folder>',
      'what outlives a restart: snapshot, sockets, logs (default: of root /var/lib/fairlead/HTTP-PORT, of others fairlead/HTTP-PORT in XDG_STATE_HOME or ~/.local/state)',
    )
    .option('--nginx <path>', 'NGINX with the Lua module, or a folder made by engine/fetch (also FAIRLEAD_NGINX)')
    .option('--table-size <megabytes>', 'shared memory for routes and certificates', parseWhole, 128)
    .option(
      '--stream-port <port>',
      'UDP port on the loopback interface, for NGINX itself; with TCP or UDP services',
      parsePort,
      10247,
    )
    .option('--no-access-log', 'do not copy the access log to standard output')
    .addOption(goSwitch('log-analytics', 'read the access log and add it up', true))
    .addOption(
      new Option('--log-retention <time/size>', 'how long and how much of its lines is kept, with DuckDB; 0: none')
        .argParser(parseRetention)
        .default(standardRetention, '24h/1GB'),
    )
    .option('--log-store <folder>', 'where its lines are kept (default: in the state folder, if that is on a disk)')
    .option('--geoip <file>', "a database of places in MaxMind's format, for where clients are")
    .option('--alert-rules <file>', 'rules, channels and silences of alerts, followed (default: no alerts)')
    .option('--alert-secrets <folder>', 'where files of its channels are (default: where the rules are)')
    .addOption(new Option('--log-format <format>', 'form of the log on standard error').choices(['text', 'json']))
    .option('--shutdown-grace-period <seconds>', 'how long to go on serving after SIGTERM', parseWhole, 0)
    .option(
      '--post-shutdown-grace-period <seconds>',
      'how long to wait after NGINX has ended (default: 10, with --manifests 0)',
      parseWhole,
    )
    .option('-v, --v <level>', 'verbosity; 2 or more logs details', parseWhole)
  addTranslationFlags(command)
  addClusterFlags(command)
  addMetricsFlags(command)
  addLoadBalancerFlags(command.optionsGroup('Services of type LoadBalancer (without --manifests):'))
  return addIdleFlags(command)
}

function addClusterFlags(command: Command): void {
  addApiServerFlags(command.optionsGroup('Cluster (without --manifests):'))
    .option('--watch-namespace-selector <selector>', 'serve the namespaces with matching labels only', '')
    .addOption(
      new Option('--secrets <mode>', 'how Secrets are read: a watch of all, of each that is named, or what is allowed')
        .choices(['auto', 'all', 'named'])
        .default('auto'),
    )
    .option('--election-id <name>', 'Lease by which replicas agree who writes status', 'ingress-controller-leader')
    .option('--election-ttl <duration>', 'how long a Lease holds without being renewed', parseGoDuration, 30_000)
    .addOption(goSwitch('disable-leader-election', 'write no status, and take no part in the election'))
    .addOption(goSwitch('update-status', 'write the address into the status of served Ingresses', true))
    .addOption(goSwitch('update-status-on-shutdown', 'take the address out again when the last replica stops', true))
    .option('--status-update-interval <seconds>', 'how often status is looked at without a reason', parseInterval, 60)
    .option('--publish-service <ns/name>', 'Service whose addresses go into the status', parseObjectName, '')
    .option('--publish-status-address <addresses>', 'addresses that go into the status, separated by commas', '')
    .addOption(goSwitch('report-node-internal-ip-address', 'prefer the internal addresses of nodes for the status'))
    .addOption(goSwitch('disable-sync-events', 'write no Normal events'))
    .option('--validating-webhook <host:port>', 'where the admission webhook listens (empty: nowhere)', '')
    .option('--validating-webhook-certificate <file>', 'its certificate in PEM, read again when it changes', '')
    .option('--validating-webhook-key <file>', 'the key of its certificate', '')
}

/** STA-1: at least 5 s. */
function parseInterval(text: string): number {
  return Math.max(parseWhole(text), 5)
}

/**
 * SHD-1: how long the process stays after NGINX has ended, so that what watches the pod sees it go last. Nobody watches a
 * program in a terminal that way, and whoever presses Ctrl-C would wait.
 */
export function postShutdownSeconds({ postShutdownGracePeriod, manifests }: ServeFlags): number {
  return postShutdownGracePeriod ?? (manifests === undefined ? 10 : 0)
}

/** What the flags cannot be together (FLG-2). Throws a StartError. */
export function checkFlags(flags: ServeFlags): void {
  if (flags.publishService !== '' && flags.publishStatusAddress !== '')
    throw new StartError('--publish-service and --publish-status-address say the same in two ways; give one of them.')
  if (flags.watchNamespace !== '' && flags.watchNamespaceSelector !== '')
    throw new StartError('--watch-namespace and --watch-namespace-selector exclude each other; give one of them.')
  if (flags.manifests !== undefined && flags.adminAuth === 'kubernetes')
    throw new StartError('--admin-auth kubernetes asks an API server, and --manifests has none; leave one of them out.')
  if (flags.manifests !== undefined && (flags.kubeconfig !== '' || flags.apiserverHost !== ''))
    throw new StartError(
      '--manifests serves a folder and --kubeconfig or --apiserver-host a cluster; give one of them.',
    )
  checkLoadBalancerFlags(flags)
  if (flags.loadbalancer === 'off') return
  if (flags.manifests !== undefined)
    throw new StartError(
      '--loadbalancer is for Services of a cluster, and --manifests has none; leave one of them out.',
    )
  if (flags.disableLeaderElection === true)
    throw new StartError(
      '--loadbalancer needs the election that --disable-leader-election switches off: only one replica may act.',
    )
}
