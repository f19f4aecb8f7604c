import { schemeVariable } from '../model/backend-headers.js'
import type { FrameSettings } from '../model/frame-settings.js'
import { simple, variable, withVariables, type Directive } from '../nginx/directive.js'
import type { DirectiveName } from '../nginx/known-directives.js'
import { placeOf, type ProfileDirective } from '../nginx/profile.js'
import { onOff, seconds, size } from '../nginx/units.js'
import { hostVariable } from './http3.js'
import { http2RequestHeaders } from './request-headers.js'

/** Names of NGINX's gRPC and FastCGI modules for what profiles say of HTTP; what is not here, they do not know. */
const NAMES: Readonly<Record<'grpc' | 'fastcgi', Readonly<Record<string, DirectiveName | undefined>>>> = {
  grpc: {
    proxy_buffer_size: 'grpc_buffer_size',
    proxy_intercept_errors: 'grpc_intercept_errors',
    proxy_next_upstream: 'grpc_next_upstream',
  },
  fastcgi: {
    proxy_buffer_size: 'fastcgi_buffer_size',
    proxy_buffering: 'fastcgi_buffering',
    proxy_buffers: 'fastcgi_buffers',
    proxy_busy_buffers_size: 'fastcgi_busy_buffers_size',
    proxy_intercept_errors: 'fastcgi_intercept_errors',
    proxy_max_temp_file_size: 'fastcgi_max_temp_file_size',
    proxy_next_upstream: 'fastcgi_next_upstream',
    proxy_request_buffering: 'fastcgi_request_buffering',
  },
}

/** The directives of a profile in the words of its protocol, over the defaults of that. */
export function spokenAs(
  protocol: 'grpc' | 'fastcgi',
  own: readonly ProfileDirective[],
  defaults: readonly Directive[],
): readonly Directive[] {
  const said = own.flatMap((directive): Directive[] => {
    if (!directive.name.startsWith('proxy_')) return [directive]
    const name = NAMES[protocol][directive.name]
    return name === undefined ? [] : [{ ...directive, name }]
  })
  const places = new Set(said.map(placeOf))
  return [...defaults.filter((directive) => !places.has(placeOf(directive))), ...said]
}

/** BP-2, BP-3. */
export function grpcDefaults(settings: FrameSettings): readonly Directive[] {
  return [
    simple('grpc_connect_timeout', seconds(settings.proxyConnectTimeoutSeconds)),
    simple('grpc_send_timeout', seconds(settings.proxySendTimeoutSeconds)),
    simple('grpc_read_timeout', seconds(settings.proxyReadTimeoutSeconds)),
    simple('grpc_buffer_size', size(settings.grpcBufferBytes ?? settings.proxyBufferBytes)),
    simple('grpc_next_upstream', ...settings.proxyNextUpstream),
    simple('grpc_next_upstream_tries', 0),
    ...settings.hiddenHeaders.map((name) => simple('grpc_hide_header', name)),
    ...http2RequestHeaders(settings).map(([name, value]) => simple('grpc_set_header', name, value)),
  ]
}

/** BP-4. A client's Proxy header must not become the variable HTTP_PROXY of a script. */
export function fastcgiDefaults(settings: FrameSettings): readonly Directive[] {
  return [
    simple('fastcgi_connect_timeout', seconds(settings.proxyConnectTimeoutSeconds)),
    simple('fastcgi_send_timeout', seconds(settings.proxySendTimeoutSeconds)),
    simple('fastcgi_read_timeout', seconds(settings.proxyReadTimeoutSeconds)),
    simple('fastcgi_buffering', onOff(settings.proxyBuffering)),
    simple('fastcgi_request_buffering', onOff(settings.proxyRequestBuffering)),
    simple('fastcgi_buffer_size', size(settings.proxyBufferBytes)),
    simple('fastcgi_buffers', settings.proxyBuffers.count, size(settings.proxyBuffers.bytes)),
    simple('fastcgi_max_temp_file_size', size(settings.proxyMaxTempFileBytes)),
    simple('fastcgi_next_upstream', ...settings.proxyNextUpstream),
    simple('fastcgi_next_upstream_tries', 0),
    ...settings.hiddenHeaders.map((name) => simple('fastcgi_hide_header', name)),
    simple('fastcgi_keep_conn', 'on'),
    // The script of a path that ends with a slash; Lua's to say (FCGI-3).
    simple('set', variable('script_index'), ''),
    simple('fastcgi_param', 'REQUEST_SCHEME', variable(schemeVariable(settings.clientAddress))),
    // Other headers of the request NGINX passes on itself.
    ...(settings.http3 ? [simple('fastcgi_param', 'HTTP_HOST', variable(hostVariable(settings)), 'if_not_empty')] : []),
    ...PARAMETERS.map(([name, value]) => simple('fastcgi_param', name, value)),
  ]
}

/** The standard set (RFC 3875, 4.1, and what NGINX's own file of parameters adds). */
const PARAMETERS = [
  ['GATEWAY_INTERFACE', 'CGI/1.1'],
  ['SERVER_SOFTWARE', 'nginx'],
  ['QUERY_STRING', variable('query_string')],
  ['REQUEST_METHOD', variable('request_method')],
  ['CONTENT_TYPE', variable('content_type')],
  ['CONTENT_LENGTH', variable('content_length')],
  ['SCRIPT_NAME', withVariables`${'fastcgi_script_name'}${'script_index'}`],
  ['SCRIPT_FILENAME', withVariables`${'document_root'}${'fastcgi_script_name'}${'script_index'}`],
  ['REQUEST_URI', variable('request_uri')],
  ['DOCUMENT_URI', variable('document_uri')],
  ['DOCUMENT_ROOT', variable('document_root')],
  ['SERVER_PROTOCOL', variable('server_protocol')],
  ['HTTPS', variable('https')],
  ['REMOTE_ADDR', variable('remote_addr')],
  ['REMOTE_PORT', variable('remote_port')],
  ['SERVER_ADDR', variable('listener_address')],
  ['SERVER_PORT', variable('listener_port')],
  ['SERVER_NAME', variable('host')],
  ['REDIRECT_STATUS', '200'],
  ['HTTP_PROXY', ''],
] as const
