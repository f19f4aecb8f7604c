import { defaultAccessLog, type AccessLog } from '../../model/frame-settings.js'
import type { FrameChoices } from '../../model/global-settings.js'
import { knownFormats, parseFormat, type LogFormat } from '../../observe/logs/formats.js'
import { createLiveAnalytics, type LiveAnalytics } from '../../observe/logs/live.js'
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
  return {
    ...live,
    follow(choices) {
      const written = 'accessLog' in choices ? choices.accessLog : defaultAccessLog
      if (written !== undefined) live.useFormat(formatOf(written))
    },
  }
}

function formatOf({ line, escape }: AccessLog): LogFormat {
  const usual = parseFormat(knownFormats['ingress-nginx'])
  return { name: line === undefined ? 'ingress-nginx' : 'given', parts: line ?? usual.parts, escape }
}
