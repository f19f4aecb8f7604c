/** One request to the API server with one answer. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the server's address, such as `/api/v1/namespaces/shop/secrets/front`; see `resourcePath`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Default `application/json`; patches need their own, such as `application/merge-patch+json`. */
  readonly contentType?: string
  /** Default `application/json`. */
  readonly accept?: string
  /** For the whole call, answer included. Default 60 s; without the first byte of an answer it ends after 10 s. */
  readonly timeoutMilliseconds?: number
  /** Ends the call early; the result is then a failure like any other. */
  readonly signal?: AbortSignal
}

/** A call that had no success. */
export interface CallFailure {
  readonly ok: false
  /** 0: no answer. */
  readonly status: number
  /** `reason` of the API server's Status object, such as `Conflict`; or ''. */
  readonly reason: string
  readonly message: string
  /** What the API server asks to wait, by its header Retry-After or its Status object. */
  readonly retryAfterSeconds?: number
}

/** Status 2xx, with the answer parsed from JSON; undefined when there was none. */
export type CallResult = { readonly ok: true; readonly status: number; readonly body: unknown } | CallFailure

export type StreamCall = Pick<Call, 'path' | 'query' | 'accept' | 'signal'>

export type StreamResult =
  | {
      readonly ok: true
      /** The answer as it arrives; throws when the connection breaks. Nothing ends a stream that is merely silent. */
      readonly chunks: AsyncIterable<Buffer>
      /** Closes the connection; may be called more than once. */
      cancel(): void
    }
  | CallFailure

/**
 * Calls to one API server over one pool of connections. Nothing here throws or rejects: what goes wrong is a result.
 * Credentials are renewed, and the call is made once more, when the API server answers 401.
 */
export interface KubernetesClient {
  /** The address of the API server, for messages. */
  readonly server: string
  call(call: Call): Promise<CallResult>
  /** A GET whose answer goes on for as long as both sides like, such as a watch. */
  stream(call: StreamCall): Promise<StreamResult>
  /** Ends what is under way and closes every connection. */
  close(): Promise<void>
}
