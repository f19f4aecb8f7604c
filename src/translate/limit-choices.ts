import type { LimitChoices, SettingsDocument } from '../model/documents.js'

/** Keys that are read here. */
export const limitKeys = ['limit-conn-status-code', 'limit-conn-zone-variable', 'limit-req-status-code']

/** The ConfigMap as far as this needs it. */
interface Reader {
  readonly text: (key: string) => string | undefined
  readonly int: (key: string, standard: number, from: number) => number
  readonly complain: (key: string, wanted: string, used: string) => void
}

/** How limits count and refuse, from the main ConfigMap (LIM-1..3); what is as usual is left out. */
export function readLimitChoices(reader: Reader): Pick<SettingsDocument, 'limits'> {
  const requestStatus = statusOf(reader, 'limit-req-status-code')
  const connectionStatus = statusOf(reader, 'limit-conn-status-code')
  const key = keyOf(reader)
  const limits: LimitChoices = {
    ...(requestStatus === undefined ? {} : { requestStatus }),
    ...(connectionStatus === undefined ? {} : { connectionStatus }),
    ...(key === undefined ? {} : { key }),
  }
  return Object.keys(limits).length === 0 ? {} : { limits }
}

function statusOf({ int, complain }: Reader, key: string): number | undefined {
  const status = int(key, 503, 0)
  if (status >= 400 && status <= 599) return status === 503 ? undefined : status
  complain(key, 'a status from 400 to 599', '503')
  return undefined
}

/** Variables that tell clients apart, besides those of headers, arguments and cookies. */
const VARIABLES =
  'args binary_remote_addr host proxy_protocol_addr realip_remote_addr remote_addr remote_user request_method request_uri scheme server_port ssl_client_fingerprint ssl_client_s_dn ssl_client_serial uri'.split(
    ' ',
  )

/** Others are refused: a name that NGINX does not know would come to nothing, and a request with an empty key is not limited. */
function keyOf({ text, complain }: Reader): string | undefined {
  const key = text('limit-conn-zone-variable')?.trim() ?? ''
  if (key === '' || key === '$binary_remote_addr') return undefined
  const names = [...key.matchAll(/\$\{([a-z\d_]+)\}|\$([a-z\d_]+)/g)]
  const isWhole = names.map(([all]) => all).join('') === key
  if (isWhole && names.every(([, braced, plain]) => tellsApart(braced ?? plain ?? ''))) return key
  const wanted = 'made of variables that tell clients apart, such as $http_x_api_key'
  complain('limit-conn-zone-variable', wanted, '$binary_remote_addr')
  return undefined
}

function tellsApart(name: string): boolean {
  return VARIABLES.includes(name) || /^(http|arg|cookie)_[a-z\d_]+$/.test(name)
}
