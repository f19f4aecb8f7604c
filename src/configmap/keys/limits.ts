import { int } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { key } from '../declare.js'

/** Variables that tell clients apart, besides those of headers, arguments and cookies. */
const VARIABLES =
  'args binary_remote_addr host proxy_protocol_addr realip_remote_addr remote_addr remote_user request_method request_uri scheme server_port ssl_client_fingerprint ssl_client_s_dn ssl_client_serial uri'.split(
    ' ',
  )

/**
 * Others are refused: a name that NGINX does not know would come to nothing, and a request with an empty key is not
 * limited.
 */
const clientKey: Kind<string> = {
  form: 'variables that tell clients apart',
  parse: (text) => {
    const names = [...text.matchAll(/\$\{([a-z\d_]+)\}|\$([a-z\d_]+)/g)]
    const isWhole = names.map(([all]) => all).join('') === text
    return isWhole && names.every(([, braced, plain]) => tellsApart(braced ?? plain ?? ''))
      ? parsed(text)
      : refused('is not made of variables that tell clients apart, such as $http_x_api_key')
  },
}

function tellsApart(name: string): boolean {
  return VARIABLES.includes(name) || /^(http|arg|cookie)_[a-z\d_]+$/.test(name)
}

/** LIM-1..3. Source: configmap.md, "Responses"; ngx_http_limit_req_module. */
export const limits = {
  'limit-req-status-code': key({
    kind: int({ from: 400, to: 599 }),
    doc: 'Status of requests beyond limit-rps and limit-rpm.',
    fallback: '503',
    example: '429',
    changes: 'table',
  }),
  'limit-conn-status-code': key({
    kind: int({ from: 400, to: 599 }),
    doc: 'Status of requests beyond limit-connections.',
    fallback: '503',
    example: '429',
    changes: 'table',
  }),
  'limit-conn-zone-variable': key({
    kind: clientKey,
    doc: 'What makes two requests ones of the same client, for all limits.',
    fallback: '$binary_remote_addr',
    example: '$http_x_api_key',
    changes: 'table',
  }),
}
