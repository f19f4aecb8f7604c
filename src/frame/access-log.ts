import type { AccessLog, FrameSettings } from '../model/frame-settings.js'
import { simple, withVariables, type Directive } from '../nginx/directive.js'
import { seconds, size } from '../nginx/units.js'

/**
 * The variable of the upstream's name (LOGF-2), 0 where the request is not logged: one for both. Lua writes it for
 * every request, and finds it by its name, letter by letter; `$proxy_upstream_name` is made of it where somebody asks
 * for that.
 */
export const LABEL = 'label'

/** NGINX wants the same buffer wherever a file is named. */
export function writeAccessLog(
  file: string,
  { bufferBytes, flushSeconds }: AccessLog,
  { unloggedUrls }: Pick<FrameSettings, 'unloggedUrls'>,
): readonly Directive[] {
  return [
    simple(
      'access_log',
      file,
      'upstreaminfo',
      `buffer=${size(bufferBytes)}`,
      `flush=${seconds(flushSeconds)}`,
      withVariables`if=${unloggedUrls.length === 0 ? LABEL : 'loggable'}`,
    ),
  ]
}
