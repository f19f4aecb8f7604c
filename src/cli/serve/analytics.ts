import { defaultAccessLog, type AccessLog } from '../../model/frame-settings.js'
import type { FrameChoices } from '../../model/global-settings.js'
import { knownFormats, parseFormat, type LogFormat } from '../../observe/logs/formats.js'
import { createLiveAnalytics, type LiveAnalytics } from '../../observe/logs/live.js'
import type { TextPart } from '../../model/text-part.js'
import type { Log } from '../log.js'

export interface FollowingAnalytics extends LiveAnalytics {
  /** Lines are read as the main ConfigMap says that they are written. */
  follow(choices: FrameChoices): void
}

/** Log analytics of the NGINX that is served; it follows the format of the log. */
export function startAnalytics(log: Log): FollowingAnalytics {
  const live = createLiveAnalytics({
    format: formatOf(defaultAccessLog),
    onRestart: (reason) => log('error', `log analytics has ended and begins anew, with nothing known: ${reason}`),
  })
  let said: string | undefined
  const say = (sentence: string | undefined): void => {
    if (sentence !== undefined && sentence !== said) log('warn', sentence)
    said = sentence
  }
  return {
    ...live,
    follow(choices) {
      const written = 'accessLog' in choices ? choices.accessLog : defaultAccessLog
      if (written === undefined) return say('log analytics: nothing is seen while the access log is off')
      live.useFormat(formatOf(written))
      say(written.line === undefined ? undefined : describeMissing(written.line))
    },
  }
}

/** What a line has to have for what log analytics tells; the host is nothing that every line has. */
const NEEDED: readonly (readonly [what: string, variables: readonly string[]])[] = [
  ['the time', ['time_local', 'time_iso8601', 'msec']],
  ['the status', ['status']],
  ['path and method', ['request', 'request_uri', 'uri']],
  ['durations', ['request_time']],
  ['Services', ['proxy_upstream_name']],
  ['clients', ['remote_addr']],
]

/** A sentence about what log analytics does not learn from a line; undefined: nothing. */
function describeMissing(line: readonly TextPart[]): string | undefined {
  const names = new Set(line.flatMap((part) => (part.kind === 'variable' ? [part.name] : [])))
  const missing = NEEDED.filter(([, variables]) => variables.every((name) => !names.has(name)))
  if (missing.length === 0) return undefined
  const list = missing.map(([what, [first = '']]) => `${what} ($${first})`).join(', ')
  return `log analytics: log-format-upstream leaves out ${list}, so nothing is known of it`
}

function formatOf({ line, escape }: AccessLog): LogFormat {
  const usual = parseFormat(knownFormats['ingress-nginx'])
  return { name: line === undefined ? 'ingress-nginx' : 'given', parts: line ?? usual.parts, escape }
}
