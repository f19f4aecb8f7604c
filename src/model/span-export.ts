/** Where spans are sent, and how (OTLP over HTTP). */
export interface SpanExport {
  readonly host: string
  readonly port: number
  readonly serviceName: string
  /** Spans that may wait; more are dropped. */
  readonly queue: number
  /** Spans of one message, and how long the first of them waits for more. */
  readonly batch: number
  readonly delayMilliseconds: number
}
