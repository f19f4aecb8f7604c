/** What NGINX wrote of a sampled request. Times in milliseconds since 1970. */
export interface SpanRecord {
  readonly trace: string
  readonly span: string
  /** Empty where the trace begins here. */
  readonly parent: string
  readonly namespace: string
  readonly ingress: string
  readonly service: string
  /** The path of the rule. */
  readonly route: string
  /** Empty: none is given. */
  readonly name: string
  readonly start: number
  readonly end: number
  readonly method: string
  /** Path and query as the client sent them. */
  readonly target: string
  readonly status: number
  readonly host: string
  readonly port: number
  readonly scheme: string
  /** `HTTP/1.1`. */
  readonly protocol: string
  readonly client: string
  readonly agent: string
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly tries: readonly Try[]
}

/** One endpoint that was asked, in order. */
export interface Try {
  readonly endpoint: string
  /** 0: it did not answer. */
  readonly status: number
  readonly milliseconds: number
}

/** Reads a line of the span log (`src/frame/span-log.ts`); undefined for one that is cut off or otherwise none. */
export function parseSpanLine(line: string): SpanRecord | undefined {
  const said = parseObject(line)
  if (said === undefined) return undefined
  const text = (name: string): string => {
    const value = said[name]
    return typeof value === 'string' ? value : ''
  }
  const [trace = '', span = '', parent = '', namespace = '', ingress = '', service = '', route = '', ...name] =
    text('span').split('\t')
  const end = Math.round(Number(text('end')) * 1000)
  const duration = Math.round(Number(text('seconds')) * 1000)
  if (!/^[0-9a-f]{32}$/.test(trace) || !/^[0-9a-f]{16}$/.test(span) || !(end > 0) || !(duration >= 0)) return undefined
  return {
    trace,
    span,
    parent,
    namespace,
    ingress,
    service,
    route,
    name: name.join(' '),
    start: end - duration,
    end,
    method: text('method'),
    target: text('target'),
    status: Number(text('status')) || 0,
    host: text('host'),
    port: Number(text('port')) || 0,
    scheme: text('scheme'),
    protocol: text('protocol'),
    client: text('client'),
    agent: text('agent'),
    receivedBytes: Number(text('received')) || 0,
    sentBytes: Number(text('sent')) || 0,
    tries: triesOf(text('endpoints'), text('statuses'), text('times')),
  }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** NGINX puts a comma between tries, and a colon where the request went on to another location. */
function triesOf(endpoints: string, statuses: string, times: string): readonly Try[] {
  const parts = (text: string): readonly string[] => (text === '' || text === '-' ? [] : text.split(/, | : /))
  const [codes, seconds] = [parts(statuses), parts(times)]
  return parts(endpoints).map((endpoint, at) => ({
    endpoint,
    status: Number(codes[at]) || 0,
    milliseconds: Math.round((Number(seconds[at]) || 0) * 1000),
  }))
}
