import { simple, variable, withVariables, type Directive } from '../nginx/directive.js'
import { size } from '../nginx/units.js'
import type { FrameInput } from './input.js'
import { writeAccessLog } from './access-log.js'

/** The format of lines about sampled requests, each one object of JSON; `src/observe/spans/` reads them. */
export function spanFormat({ settings }: FrameInput): readonly Directive[] {
  if (settings.spanExport === undefined) return []
  return [
    // Written by Lua; a map costs nothing where nobody asks for it.
    { name: 'map', args: ['', variable('span')], block: { otherwise: '', cases: [] } },
    simple('log_format', 'spans', 'escape=json', LINE),
  ]
}

/** For locations of requests whose end is awaited: a log that is named there takes the place of all from outside. */
export function spanLogs({ settings, paths }: FrameInput): readonly Directive[] {
  if (settings.spanExport === undefined) return []
  return [
    ...(settings.accessLog === undefined ? [] : writeAccessLog(paths.accessLog, settings.accessLog, settings)),
    simple('access_log', paths.spanLog, 'spans', `buffer=${size(64 * 1024)}`, 'flush=1s', withVariables`if=${'span'}`),
  ]
}

const LINE = withVariables`{"span":"${'span'}","end":"${'msec'}","seconds":"${'request_time'}","method":"${'request_method'}","target":"${'request_uri'}","status":"${'status'}","host":"${'host'}","port":"${'server_port'}","scheme":"${'scheme'}","protocol":"${'server_protocol'}","client":"${'remote_addr'}","agent":"${'http_user_agent'}","received":"${'request_length'}","sent":"${'body_bytes_sent'}","endpoints":"${'upstream_addr'}","statuses":"${'upstream_status'}","times":"${'upstream_response_time'}"}`
