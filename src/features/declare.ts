import type { BackendSettings } from '../model/proxy-features.js'
import type { NamedAttachment } from '../model/attachment.js'
import type { HostFeatures, RouteFeatures, SplitRules, TlsSettings, UpstreamFeatures } from '../model/features.js'
import type { EngineFacts } from '../nginx/facts.js'
import type { FirewallAbility } from '../nginx/firewall.js'
import type { ProfileDirective } from '../nginx/profile.js'
import type { ConfigMap, Ingress, Secret, Service } from '../snapshot/objects.js'
import type { Kind } from './kinds/kind.js'

/** Compared with the ConfigMap key `annotations-risk-level` (GEN-9). */
export type Risk = 'low' | 'medium' | 'high' | 'critical'

/**
 * What becomes of a value that cannot be read (annotations.md section 0.1; the code of the contract in brackets).
 *
 * `default`: it is ignored and the default holds (DEF). `close`: all paths of the Ingress answer 503 (503, and OFF
 * where doing without would open them). `forbid`: every request to its hosts is answered 403 (403S). `off`: the family
 * does nothing for this Ingress (OFF). `refuse`: the Ingress is not admitted, and its last good version stays (REJ).
 */
export type OnBadValue = 'default' | 'off' | 'close' | 'forbid' | 'refuse'

/**
 * `partly`: some of what a value names is left out, as the message says, and the rest is used. `fail`: requests are answered
 * 500 until it is put right.
 */
export type Instead = OnBadValue | 'partly' | 'fail'

/** One annotation: everything that is said of it anywhere is produced from here. */
export interface Annotation<T> {
  readonly kind: Kind<T>
  /** One sentence: what it does. */
  readonly doc: string
  /** What it changes: each path of its Ingress, the whole host, or the upstream (Service and port). */
  readonly effect: 'path' | 'host' | 'upstream'
  readonly risk: Risk
  readonly bad: OnBadValue
  /** What holds without it, in words; `-` where there is nothing. */
  readonly fallback: string
  /** A value that works. */
  readonly example: string
  /** Key of the main ConfigMap that gives the default, read by the same kind. */
  readonly configMapKey?: string
  /** The annotation of the family that has to be true before that key holds for anybody. */
  readonly under?: string
  /** Name that is read where this one is absent or empty. */
  readonly alias?: string
  /** GEN-5: what a value that is present but empty means; absent: the same as none, and with `said` it is said so. */
  readonly empty?: 'close' | 'said'
  /**
   * It keeps somebody out: where its value, or that of its key of the ConfigMap, cannot be read, paths are closed
   * rather than open.
   */
  readonly protects?: true
  /** Which object a value names, so that a cluster's is read (GEN-18, GEN-19). */
  readonly refersTo?: Reference
}

/** `keyOf` gives `namespace/name` for a value of an Ingress in a namespace; undefined where the value names nothing. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly keyOf: (text: string, namespace: string) => string | undefined
}

/** A key of the main ConfigMap that is no annotation's default. */
export interface Setting {
  readonly kind: Kind<unknown>
  /** A sentence for the reference. */
  readonly doc: string
  /** What holds without it, in words. */
  readonly fallback: string
  /** A value that can be read and is not the default. */
  readonly example: string
  /** What a value that is present but empty comes to; absent: the same as none. */
  readonly empty?: unknown
  /**
   * It keeps somebody out: where its value cannot be read, `setting` gives UNREADABLE, and the family closes what it
   * would hold for.
   */
  readonly protects?: true
}

export type Annotations = Readonly<Record<string, Annotation<unknown>>>

/** What was read for a family: absent and unreadable values are undefined, unless the ConfigMap has a default. */
export type Values<A extends Annotations> = {
  readonly [Name in keyof A]: A[Name] extends Annotation<infer T> ? T | undefined : never
}

/** A path of the Ingress, for settings that differ by path. */
export interface PathContext {
  /** As written. */
  readonly path: string
  /** `implicit`: `/` of a host that declares none (GEN-16). `catch-all`: `/` of the default server (GEN-17). */
  readonly match: 'exact' | 'prefix' | 'implicit' | 'catch-all'
  /** Set where the Ingress lists a second Service, and some family asks for such `pairs`. */
  readonly pair?: ServicePair
}

/** The first two Services of an Ingress on one host, path and path type (ack.md section 3.1). */
export interface ServicePair {
  readonly host: string
  readonly main: PairedService
  readonly alternative: PairedService
}

/** Name of a Service, and key of its upstream. */
interface PairedService {
  readonly service: string
  readonly key: string
}

/** What some builds of NGINX cannot do, and an annotation or a key of the ConfigMap may ask for. */
export type EngineAbilities = Pick<EngineFacts, 'proxyHttp2' | 'debug' | 'http3'> & {
  readonly firewall: FirewallAbility
}

/** What a family may look at besides its values. Each look is remembered, so that a later change is followed (GEN-18). */
export interface Context {
  readonly ingress: Ingress
  readonly configMap: (namespace: string, name: string) => ConfigMap | undefined
  readonly secret: (namespace: string, name: string) => Secret | undefined
  readonly service: (namespace: string, name: string) => Service | undefined
  /** Addresses of a name that is asked for because annotations name it; undefined: it has none, or is not resolved yet. */
  readonly addresses: (host: string) => readonly string[] | undefined
  /** Whether the Ingress itself has the annotation, and not the ConfigMap. */
  readonly has: (annotation: string) => boolean
  /** 16 hexadecimal digits that tell texts apart. */
  readonly digest: (this: void, text: string) => string
  /** Where NGINX listens for HTTPS. */
  readonly httpsPort: number
  /** TLS may be passed through (`--enable-ssl-passthrough`). */
  readonly passesTls: boolean
  /** Paths that ask for a web application firewall are served although there is none. */
  readonly allowMissingWaf: boolean
  /** Names of response headers that may be set, as written (`global-allowed-response-headers` of the main ConfigMap). */
  readonly allowedResponseHeaders: readonly string[]
  /** Ingresses with snippets are admitted (`allow-snippet-annotations`). */
  readonly allowsSnippets: boolean
  readonly engine: EngineAbilities
  /** What the main ConfigMap says of a key that some family lists in `settings`; undefined: nothing that can be read. */
  readonly setting: (key: string) => unknown
}

/** Something that is wrong although each value can be read; `instead` as for a bad value. */
export interface Complaint {
  readonly annotation: string
  /** What is wrong and how to put it right. What happens instead is added from `instead`. */
  readonly message: string
  readonly instead: Instead
}

/** When plain HTTP is redirected to HTTPS (SSL-1, SSL-2), and whether the final slash stays (SSL-4). */
export interface HttpsRule {
  readonly when: 'never' | 'with-tls' | 'always'
  readonly keepSlash: boolean
}

/** Other names of the hosts of an Ingress. */
export interface HostNames {
  /** In lower case and in order, `*.name` among them (ALI-2). */
  readonly aliases?: readonly string[]
  /** Those that are regular expressions, as written after `~` and in order, and `name.*` as one. */
  readonly patterns?: readonly AliasPattern[]
  /** The name with www., or without where the host has it, is redirected to the host (RED-6). */
  readonly wwwRedirect?: boolean
  /** Names of which that is not so, since they belong to others. */
  readonly notRedirected?: readonly string[]
  /** Namespaces that may use the hosts too, in order. */
  readonly delegates?: readonly string[]
}

export interface AliasPattern {
  /** As written. */
  readonly text: string
  /** PCRE2, searched for in names in lower case. */
  readonly pattern: string
  /** `name.*`: tried before every regular expression, longer ones first. */
  readonly isWildcard: boolean
}

/** A regular expression in the value of an annotation: PCRE2 is asked about it before it goes to NGINX. */
export interface ValuePattern {
  readonly annotation: string
  readonly pattern: string
  /** What happens where PCRE2 refuses it, as a sentence. */
  readonly instead: string
}

/** TLS to backends that an Ingress lends to others of its host (PSSL-5). */
export interface HostTls {
  /** In place of the same members of their own. */
  readonly backend: Pick<BackendSettings, 'pool' | 'tls'>
  readonly directives: readonly ProfileDirective[]
  /** Also to those of other namespaces. */
  readonly forAll: boolean
}

/** How the paths of an Ingress are matched and sent to HTTPS. The translation makes the routes of a host by it. */
export interface PathRules {
  /** They are regular expressions, and with them all paths of their hosts (RW-4). */
  readonly regex?: boolean
  /** Absent: with TLS, without the final slash. */
  readonly https?: HttpsRule
  /** Requests are not in the access log (LOG-1). */
  readonly unlogged?: true
  /** The redirect to HTTPS names this port (RED-8). */
  readonly httpsPort?: number
}

/** What a family adds to the documents of an Ingress; nothing: it is not used. */
export interface Contribution {
  readonly route?: RouteFeatures | ((path: PathContext) => RouteFeatures | undefined)
  readonly host?: HostFeatures
  readonly tls?: TlsSettings
  readonly upstream?: UpstreamFeatures
  /**
   * What NGINX reads only from its file, for every path of the Ingress. Those of all families make one profile; two families
   * that want one directive differently close the Ingress. Its first use is a reload, unless it is a common one.
   */
  readonly profile?: readonly ProfileDirective[]
  readonly paths?: PathRules
  /** Documents that its routes name. */
  readonly attachments?: readonly NamedAttachment[]
  /** Its TLS to backends, where the other Ingresses of its hosts have it too. */
  readonly hostTls?: HostTls
  /** It speaks TLS to its backends and says nothing of certificates: it has what its host lends. */
  readonly lacksTls?: true
  readonly names?: HostNames
  /** Every regular expression among the values, so that `check` and admission can say what PCRE2 thinks of it. */
  readonly patterns?: readonly ValuePattern[]
  /** LB-4: what goes to the upstream goes to the Service's own address. */
  readonly throughService?: boolean
  /** A second Service on one path is not shadowed, but a pair with the first. */
  readonly pairs?: true
  /** Name of a Service of its namespace that answers for its paths where they fail (ERR-1, ERR-5). */
  readonly defaultBackend?: string
  /** The Ingress is a canary with these rules (CAN-1): it has no paths of its own. */
  readonly canary?: SplitRules
  readonly complaints?: readonly Complaint[]
}

/** A family of annotations: a folder of its own under `features/`. */
export interface Family<A extends Annotations = Annotations> {
  /** Name of the folder. */
  readonly name: string
  readonly title: string
  /** A paragraph for the reference. */
  readonly doc: string
  readonly annotations: A
  /** Other keys of the main ConfigMap that it looks at, by key. */
  readonly settings?: Readonly<Record<string, Setting>>
  /** A method, so that families with different values fit into one list. */
  contribute(values: Values<A>, context: Context): Contribution
}

/** Declares a family; the types of its values follow from the kinds of its annotations. */
export function family<const A extends Annotations>(declared: Family<A>): Family<A> {
  return declared
}
