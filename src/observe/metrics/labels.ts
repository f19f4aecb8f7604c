/** What tells the numbers of one kind of request from those of another (observability.md section 2.1). */
export interface RequestLabels {
  /** Empty on the default server (MET-5). */
  readonly namespace: string
  readonly ingress: string
  readonly service: string
  /** As an Ingress declares it, so `*.example.com` for all names below; empty where hosts are not told apart. */
  readonly host: string
  /** As the rule of the Ingress says it. */
  readonly path: string
  /** Name of the upstream of the canary that served; empty for main traffic. */
  readonly canary: string
  readonly method: string
  /** `200`, or `2xx` with `--report-status-classes`. */
  readonly status: string
}

/** What all label sets beyond `--metrics-max-series` are counted under. */
export const OVERFLOW = '_overflow'

/** Reads a label set as the edge writes it (`edge/metrics-labels.ts`); undefined: it is none. */
export function parseLabels(text: string): RequestLabels | undefined {
  const fields = text.split('\t').map(unescape)
  if (fields.length !== 8) return undefined
  const [namespace = '', ingress = '', service = '', host = '', path = '', canary = '', method = '', status = ''] =
    fields
  return { namespace, ingress, service, host, path, canary, method, status }
}

/** The text is one character per byte. */
function unescape(field: string): string {
  const bytes = field.replace(/%([0-9A-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
