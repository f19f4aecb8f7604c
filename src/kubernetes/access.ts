import type { Credentials } from './credentials.js'

/** All that is needed to reach an API server. */
export interface Access {
  /** http or https; a path is kept and comes before those of calls. */
  readonly server: URL
  readonly trust: Trust
  readonly credentials: Credentials
  /** That of the pod or of the kubeconfig's context; `default` where neither says. */
  readonly namespace: string
}

/** How the certificate of the API server is judged. */
export interface Trust {
  /** PEM of the authorities, asked for at each new connection; undefined: those that Node knows. */
  authority(): string | undefined
  /** The name the certificate must have, when it is not the server's. */
  readonly serverName: string | undefined
  /** true: it is not judged at all. */
  readonly insecure: boolean
}

export type AccessResult =
  | { readonly ok: true; readonly access: Access; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string }

/** Node's own authorities. */
export const usualTrust: Trust = { authority: () => undefined, serverName: undefined, insecure: false }

/** The address of an API server; https where no scheme is written. null: it is none. */
export function parseServer(text: string): URL | null {
  const full = text.includes('://') ? text : `https://${text}`
  if (!URL.canParse(full)) return null
  const url = new URL(full)
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null
}
