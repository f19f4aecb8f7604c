import type { CallFailure } from './client.js'

/** The failure of a call that had an answer, from its status, headers and body. */
export function failureOfAnswer(status: number, retryAfter: string | undefined, text: string): CallFailure {
  const body = parseStatus(text)
  const seconds = readSeconds(retryAfter) ?? body.retryAfterSeconds
  const said = body.message === '' ? text.trim().slice(0, 200) : body.message
  return {
    ok: false,
    status,
    reason: body.reason,
    message: said === '' ? `the API server answered ${status}` : said,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  }
}

/** The failure of a call that had none. */
export function failureOfError(cause: unknown): CallFailure {
  return { ok: false, status: 0, reason: '', message: explain(cause) }
}

/** The failure that an ERROR event of a watch carries: a Status object. */
export function failureOfStatus(object: unknown): CallFailure {
  const { code, reason, message, retryAfterSeconds } = readStatus(object)
  return {
    ok: false,
    status: code,
    reason,
    message: message === '' ? 'the watch ended with an error that does not say why' : message,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
}

interface Status {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly retryAfterSeconds: number | undefined
}

function parseStatus(text: string): Status {
  try {
    return readStatus(JSON.parse(text))
  } catch {
    return readStatus(undefined)
  }
}

function readStatus(raw: unknown): Status {
  const fields = fieldsOf(raw)
  const wait = fieldsOf(fields['details'])['retryAfterSeconds']
  return {
    code: typeof fields['code'] === 'number' ? fields['code'] : 0,
    reason: typeof fields['reason'] === 'string' ? fields['reason'] : '',
    message: typeof fields['message'] === 'string' ? fields['message'] : '',
    retryAfterSeconds: typeof wait === 'number' && wait > 0 ? wait : undefined,
  }
}

function fieldsOf(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null ? { ...raw } : {}
}

/** RFC 9110 section 10.2.3; a date is not what API servers send, and counts as nothing. */
function readSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text.trim()) ? Number(text) : undefined
}

const hints: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not from the authority that was configured',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not from the authority that was configured',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not from the authority that was configured',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not from the authority that was configured',
  CERT_SIGNATURE_FAILURE: 'its certificate is not from the authority that was configured',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; are the clocks right?',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name; tls-server-name of the kubeconfig says which to expect',
  UND_ERR_HEADERS_TIMEOUT: 'it took the request and did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'its answer stopped half way',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 5 s',
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // Several addresses were tried; the first one says enough.
  if (cause instanceof AggregateError && cause.errors.length > 0) return explain(cause.errors[0])
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const text = cause.message === '' ? code : cause.message
  const hint = Object.hasOwn(hints, code) ? hints[code] : undefined
  return hint === undefined ? text : `${hint} (${text})`
}
