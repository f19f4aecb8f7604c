import type { FrameSettings } from '../model/frame-settings.js'
import { simple, type Directive } from '../nginx/directive.js'
import { onOff, seconds, size } from '../nginx/units.js'

/**
 * How requests go to backends, in every location that proxies; a profile replaces single lines of it.
 *
 * The number of tries is Lua's, hence no limit here: `proxy_next_upstream_tries` would cap it silently.
 */
export function proxyDefaults(settings: FrameSettings): readonly Directive[] {
  return [
    simple('client_max_body_size', size(settings.clientMaxBodyBytes)),
    simple('proxy_http_version', '1.1'),
    simple('proxy_connect_timeout', seconds(settings.proxyConnectTimeoutSeconds)),
    simple('proxy_send_timeout', seconds(settings.proxySendTimeoutSeconds)),
    simple('proxy_read_timeout', seconds(settings.proxyReadTimeoutSeconds)),
    simple('proxy_buffering', onOff(settings.proxyBuffering)),
    simple('proxy_request_buffering', onOff(settings.proxyRequestBuffering)),
    simple('proxy_buffer_size', size(settings.proxyBufferBytes)),
    simple('proxy_buffers', settings.proxyBuffers.count, size(settings.proxyBuffers.bytes)),
    simple('proxy_max_temp_file_size', size(settings.proxyMaxTempFileBytes)),
    simple('proxy_next_upstream', ...settings.proxyNextUpstream),
    simple('proxy_next_upstream_tries', 0),
    ...settings.hiddenHeaders.map((name) => simple('proxy_hide_header', name)),
    ...(settings.serverHeader === 'backend' ? [simple('proxy_pass_header', 'Server')] : []),
    simple('proxy_redirect', 'off'),
    // Date is the backend's (REQ-3); NGINX writes its own only where there is none.
    simple('proxy_pass_header', 'Date'),
  ]
}
