import type { EngineAbilities } from '../features/declare.js'

/** What it takes for TCP, UDP and TLS passthrough. */
export interface StreamAbilities {
  /** The stream module, with njs. */
  readonly streams: boolean
  /** It hands a connection over before anything was read from it. */
  readonly streamPass: boolean
}

/** What the flags say about translation; defaults are those of ingress-nginx (observability.md, section of flags). */
export interface TranslateOptions {
  /** `spec.controller` of the IngressClasses that are ours (`--controller-class`). */
  readonly controllerClass: string
  /** Value of the annotation `kubernetes.io/ingress.class`, and class name with `ingressClassByName` (`--ingress-class`). */
  readonly ingressClass: string
  readonly ingressClassByName: boolean
  readonly watchIngressWithoutClass: boolean
  /** Manifests are read from a folder, so there is no other controller whose Ingresses are none of our business. */
  readonly isOnlyController: boolean
  /** Empty: all (`--watch-namespace`). */
  readonly watchNamespace: string
  readonly disableCatchAll: boolean
  readonly deepInspect: boolean
  readonly disableExternalName: boolean
  /** Paths that ask for a web application firewall are served without (`--allow-missing-waf`), rather than closed. */
  readonly allowMissingWaf: boolean
  /** `namespace/name`, or empty (`--default-backend-service`, DEF-1). */
  readonly defaultBackendService: string
  /** `namespace/name`, or empty (`--default-ssl-certificate`, CERT-3). */
  readonly defaultCertificate: string
  /** `namespace/name` of the main ConfigMap (`--configmap`). */
  readonly configMap: string
  readonly annotationsPrefix: string
  /** Answered with 200 by the default server (`--health-check-path`, DEF-4). */
  readonly healthCheckPath: string
  /** Where NGINX listens for HTTPS (`--https-port`), for redirects that name it (RED-8). */
  readonly httpsPort: number
  /** Routes say whose they are (`--enable-metrics`). */
  readonly countsRequests: boolean
  /** `namespace/name` of the ConfigMaps of TCP and UDP services, or empty (L4-1). */
  readonly tcpServices: string
  readonly udpServices: string
  /** TLS may be passed through (`--enable-ssl-passthrough`, PT-1). */
  readonly sslPassthrough: boolean
  /** Ports that no TCP or UDP service can have, with the flag that has each (L4-3). */
  readonly reservedPorts: readonly { readonly port: number; readonly flag: string }[]
  /** What the NGINX that serves can do, as far as annotations need it; without one to ask, what the newest supported can. */
  readonly engine: EngineAbilities
  /** The same, as far as TCP, UDP and TLS passthrough need it. */
  readonly streams: StreamAbilities
}

export const defaultTranslateOptions: TranslateOptions = {
  controllerClass: 'k8s.io/ingress-nginx',
  ingressClass: 'nginx',
  ingressClassByName: false,
  watchIngressWithoutClass: false,
  isOnlyController: false,
  watchNamespace: '',
  disableCatchAll: false,
  deepInspect: true,
  disableExternalName: false,
  allowMissingWaf: false,
  defaultBackendService: '',
  defaultCertificate: '',
  configMap: 'ingress-nginx/ingress-nginx-controller',
  annotationsPrefix: 'nginx.ingress.kubernetes.io',
  healthCheckPath: '/healthz',
  httpsPort: 443,
  countsRequests: false,
  engine: { proxyHttp2: true, debug: true, http3: true, firewall: 'with core rules' },
  tcpServices: '',
  udpServices: '',
  sslPassthrough: false,
  reservedPorts: [
    { port: 80, flag: '--http-port' },
    { port: 443, flag: '--https-port' },
  ],
  streams: { streams: true, streamPass: true },
}
