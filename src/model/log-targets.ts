/** Where lines of a log go that NGINX writes into the state folder. */
export type LogTarget =
  | { readonly kind: 'standard output' }
  /** Absolute path of a file that grows until somebody puts it aside. */
  | { readonly kind: 'file'; readonly path: string }
  /** A server for syslog over UDP: name or address, without brackets. */
  | { readonly kind: 'syslog'; readonly host: string; readonly port: number }

export interface LogTargets {
  readonly requests: LogTarget
  /** Of TCP and UDP services. */
  readonly connections: LogTarget
  /** NGINX's error log; undefined: it stays where it is. */
  readonly errors: LogTarget | undefined
}

export const defaultLogTargets: LogTargets = {
  requests: { kind: 'standard output' },
  connections: { kind: 'standard output' },
  errors: undefined,
}
