import type { FrameSettings } from '../model/frame-settings.js'
import type { StreamPort } from '../model/streams.js'
import type { EngineFacts } from '../nginx/facts.js'
import type { FirewallFiles } from '../nginx/firewall.js'
import type { RequestMetrics } from '../model/request-metrics.js'
import type { Profile } from '../nginx/profile.js'

/** Everything a frame is printed from. All paths are absolute. */
export interface FrameInput {
  readonly engine: {
    /** Files of the modules, in the order of loading. */
    readonly modules: readonly string[]
    /** The engine's own part of Lua's search path: `…/?.lua;…`. */
    readonly luaPackagePath: string
    readonly luaPackageCpath: string
    readonly facts: EngineFacts
    /** Files of the headers-more module: none where it is built in; undefined: there is no such module. */
    readonly headersMoreModules?: readonly string[] | undefined
    /** Absent: no profile asks for it. */
    readonly firewall?: FirewallFiles | undefined
  }
  readonly paths: {
    readonly pid: string
    readonly errorLog: string
    readonly accessLog: string
    /** Lines about connections to TCP and UDP services. */
    readonly streamLog: string
    /** Lines about sampled requests. */
    readonly spanLog: string
    /** Unix socket; its folder lets nobody in but the controller. */
    readonly controlSocket: string
    /** Folder for bodies that do not stay in memory. */
    readonly temporary: string
    /** The table as a file. */
    readonly snapshot: string
    /** Folder with our Lua. */
    readonly lua: string
    readonly fallbackCertificate: string
    readonly fallbackKey: string
    /** What tokens of QUIC are made with, so that they hold beyond a reload. */
    readonly quicKey: string
  }
  readonly listeners: {
    readonly httpPort: number
    readonly httpsPort: number
    readonly ipv4: boolean
    /** false on a machine without IPv6. */
    readonly ipv6: boolean
    /** Addresses to listen on, IPv6 without brackets; absent: all. */
    readonly addresses?: readonly string[]
  }
  /** Whom the workers run as; undefined unless started as root. */
  readonly user: { readonly name: string; readonly group: string } | undefined
  readonly workers: {
    readonly processes: number | 'auto'
    /** How long requests in flight may take after a reload or stop; less than 10 counts as 10. */
    readonly shutdownTimeoutSeconds: number
    /** Open files a worker may have; absent: what it inherits. */
    readonly openFiles?: number
  }
  /** Shared memory for the table. */
  readonly tableBytes: number
  readonly settings: FrameSettings
  /** Number of this frame; workers report it. */
  readonly generation: number
  /** Digest of the Lua code and the form of its documents. */
  readonly format: string
  readonly profiles: readonly Profile[]
  /** What is counted of requests; absent: nothing, and it costs nothing. */
  readonly metrics?: RequestMetrics
  /** Absent: nothing but HTTP, and no module for it is loaded. */
  readonly streams?: StreamFrame
}

/** TCP and UDP services, and TLS that is passed through. */
export interface StreamFrame {
  /** Files of the stream module and of njs; the first is absent where it is built in. */
  readonly modules: readonly string[]
  readonly ports: readonly StreamPort[]
  /** The port for HTTPS is shared with TLS that is handed on as it is. */
  readonly passthrough: boolean
  /** Our code for njs, and the records that it begins with. */
  readonly script: string
  readonly first: string
  readonly sockets: { readonly control: string; readonly tls: string; readonly passed: string }
  /** Where names made of endpoints are resolved, on this machine: address and port. */
  readonly resolver: string
}
