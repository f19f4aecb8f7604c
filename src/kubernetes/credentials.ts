/** What a request or a connection is authorised with. */
export interface Credential {
  /** The value of the header Authorization; undefined: none is sent. */
  readonly authorization: string | undefined
  /** PEM of a client certificate and its key. */
  readonly certificate: string | undefined
  readonly key: string | undefined
}

export type CredentialResult =
  | { readonly ok: true; readonly credential: Credential }
  | { readonly ok: false; readonly message: string }

/** Where credentials come from; they may change over time. */
export interface Credentials {
  current(): Promise<CredentialResult>
  /** What counts after the API server refused the ones before (401). */
  renew(): Promise<CredentialResult>
}

export const noCredential: Credential = { authorization: undefined, certificate: undefined, key: undefined }

/** Credentials that never change. */
export function fixedCredentials(credential: Credential): Credentials {
  const result = Promise.resolve({ ok: true, credential } as const)
  return { current: () => result, renew: () => result }
}
