import { InvalidArgumentError, type Command } from 'commander'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseEndpointsFlag, type EndpointsFlag } from '../sources/files/endpoints-flag.js'
import { defaultTranslateOptions, type TranslateOptions } from '../translate/options.js'
import { goSwitch } from './go-flags.js'

/** Flags about which objects count and what they mean; the same for every command that translates. */
export interface TranslationFlags {
  readonly manifests?: string
  readonly endpoints: readonly EndpointsFlag[]
  readonly configmap: string
  readonly controllerClass: string
  readonly ingressClass: string
  readonly ingressClassByName?: boolean
  readonly watchIngressWithoutClass?: boolean
  readonly watchNamespace: string
  readonly disableCatchAll?: boolean
  readonly deepInspect: boolean
  readonly disableSvcExternalName?: boolean
  readonly defaultBackendService: string
  readonly defaultSslCertificate: string
  readonly annotationsPrefix: string
  readonly healthCheckPath: string
  readonly allowMissingWaf?: boolean
  readonly enableTopologyAwareRouting?: boolean
  readonly zone?: string
  readonly tcpServicesConfigmap: string
  readonly udpServicesConfigmap: string
  readonly enableSslPassthrough?: boolean
  /** `serve` has ports of its own, and `explain` is told them. */
  readonly httpPort?: number
  readonly httpsPort?: number
  readonly enableMetrics?: boolean
  readonly healthzPort?: number
}

/** Adds them to a command. Names and defaults are those of ingress-nginx. */
export function addTranslationFlags(command: Command): Command {
  const standard = defaultTranslateOptions
  return command
    .option(
      '--endpoints <ns/service[:port]=address:port,...>',
      'endpoints of a Service that has no EndpointSlice (repeatable)',
      collectEndpoints,
      [],
    )
    .option('--configmap <ns/name>', 'main ConfigMap', parseObjectName, standard.configMap)
    .option(
      '--controller-class <value>',
      'spec.controller of the IngressClasses that are served',
      standard.controllerClass,
    )
    .option('--ingress-class <name>', 'value of the annotation kubernetes.io/ingress.class', standard.ingressClass)
    .addOption(
      goSwitch('ingress-class-by-name', 'serve the IngressClass named by --ingress-class, whatever its controller'),
    )
    .addOption(goSwitch('watch-ingress-without-class', 'serve Ingresses that name no class'))
    .option('--watch-namespace <namespace>', 'serve one namespace only', '')
    .addOption(goSwitch('disable-catch-all', 'ignore Ingresses that have a default backend'))
    .addOption(goSwitch('deep-inspect', 'refuse Ingresses with forbidden text in hosts, paths and TLS entries', true))
    .addOption(goSwitch('disable-svc-external-name', 'answer 503 for Services of type ExternalName'))
    .addOption(goSwitch('allow-missing-waf', 'serve paths that ask for ModSecurity although there is none'))
    .addOption(
      goSwitch('enable-topology-aware-routing', 'prefer endpoints of the own zone where a Service asks for that'),
    )
    .option('--zone <name>', 'the own zone (default: in a cluster, that of the node of this pod)', '')
    .option(
      '--tcp-services-configmap <ns/name>',
      'ConfigMap of TCP services: port, and namespace/service:port',
      parseObjectName,
      '',
    )
    .option('--udp-services-configmap <ns/name>', 'the same of UDP services', parseObjectName, '')
    .addOption(goSwitch('enable-ssl-passthrough', 'hand TLS on as it is to hosts with the annotation ssl-passthrough'))
    .option('--default-backend-service <ns/name>', 'Service for requests that match nothing', parseObjectName, '')
    .option('--default-ssl-certificate <ns/name>', 'Secret for hosts without a certificate', parseObjectName, '')
    .option('--annotations-prefix <prefix>', 'prefix of annotations', standard.annotationsPrefix)
    .option('--health-check-path <path>', 'path of the health check', standard.healthCheckPath)
}

/** @param engine what the NGINX that serves can do; absent: nobody serves */
export function translateOptionsOf(
  flags: TranslationFlags,
  engine = defaultTranslateOptions.engine,
  streams = defaultTranslateOptions.streams,
): TranslateOptions {
  return {
    engine,
    streams,
    controllerClass: flags.controllerClass,
    ingressClass: flags.ingressClass,
    ingressClassByName: flags.ingressClassByName === true,
    watchIngressWithoutClass: flags.watchIngressWithoutClass === true,
    isOnlyController: flags.manifests !== undefined,
    watchNamespace: flags.watchNamespace,
    disableCatchAll: flags.disableCatchAll === true,
    deepInspect: flags.deepInspect,
    allowMissingWaf: flags.allowMissingWaf === true,
    disableExternalName: flags.disableSvcExternalName === true,
    defaultBackendService: flags.defaultBackendService,
    defaultCertificate: flags.defaultSslCertificate,
    configMap: flags.configmap,
    annotationsPrefix: flags.annotationsPrefix,
    healthCheckPath: flags.healthCheckPath,
    httpsPort: flags.httpsPort ?? defaultTranslateOptions.httpsPort,
    countsRequests: flags.enableMetrics === true,
    tcpServices: flags.tcpServicesConfigmap,
    udpServices: flags.udpServicesConfigmap,
    sslPassthrough: flags.enableSslPassthrough === true,
    reservedPorts: reservedPorts(flags),
  }
}

/** L4-3: those that are open whatever services there are. */
function reservedPorts({
  httpPort = 80,
  httpsPort = 443,
  healthzPort = 10254,
}: TranslationFlags): TranslateOptions['reservedPorts'] {
  return [
    { port: httpPort, flag: '--http-port' },
    { port: httpsPort, flag: '--https-port' },
    { port: healthzPort, flag: '--healthz-port' },
  ]
}

/** SVC-9: empty where zones have no say, or none is named. */
export function givenZone({ enableTopologyAwareRouting, zone }: TranslationFlags): string {
  return enableTopologyAwareRouting === true ? (zone ?? '') : ''
}

function collectEndpoints(text: string, before: readonly EndpointsFlag[]): readonly EndpointsFlag[] {
  const parsed = parseEndpointsFlag(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.message)
  return [...before, parsed.value]
}

/** Empty: none. */
export function parseObjectName(text: string): string {
  if (text !== '' && !/^[^/\s]+\/[^/\s]+$/.test(text))
    throw new InvalidArgumentError('An object is named as namespace/name, such as ingress-nginx/some.')
  return text
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535)
    throw new InvalidArgumentError('A port is a number from 1 to 65535.')
  return port
}

export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}

/** One folder per HTTP port, so that two controllers on one machine do not meet unless they mean to. */
export function defaultStateFolder(httpPort: number): string {
  if (process.getuid?.() === 0) return `/var/lib/fairlead/${httpPort}`
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'fairlead', String(httpPort))
}
