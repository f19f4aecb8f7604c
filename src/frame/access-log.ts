import type { AccessLog } from '../model/frame-settings.js'
import { simple, withVariables, type Directive } from '../nginx/directive.js'
import { seconds, size } from '../nginx/units.js'

/** NGINX wants the same buffer wherever a file is named. */
export function writeAccessLog(file: string, { bufferBytes, flushSeconds }: AccessLog): readonly Directive[] {
  return [
    simple(
      'access_log',
      file,
      'upstreaminfo',
      `buffer=${size(bufferBytes)}`,
      `flush=${seconds(flushSeconds)}`,
      withVariables`if=${'loggable'}`,
    ),
  ]
}
