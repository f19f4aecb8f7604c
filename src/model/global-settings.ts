import type { FrameSettings } from './frame-settings.js'
import type { LogTargets } from './log-targets.js'
import type { StreamPort } from './streams.js'

/** What the main ConfigMap says about NGINX's own file; absent members have NGINX's or Fairlead's default. */
export interface FrameChoices extends Partial<FrameSettings> {
  readonly workerProcesses?: number | 'auto'
  readonly workerShutdownTimeoutSeconds?: number
  /** Open files a worker may have. */
  readonly workerOpenFiles?: number
  /** Addresses to listen on, IPv6 without brackets; absent: all. */
  readonly addresses?: readonly string[]
  /** false: nothing listens on IPv6. */
  readonly ipv6?: boolean
  /** Where the controller brings logs; absent: access logs to its standard output. Nothing of NGINX's file depends on it. */
  readonly logTargets?: LogTargets
  /** Ports of TCP and UDP services; absent: none. */
  readonly streamPorts?: readonly StreamPort[]
}
