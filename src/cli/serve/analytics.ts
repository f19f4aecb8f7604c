import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { StateFolder } from '../../apply/state-folder.js'
import { makeFolders } from '../../disk/make-folders.js'
import { defaultAccessLog, type AccessLog } from '../../model/frame-settings.js'
import type { FrameChoices } from '../../model/global-settings.js'
import { knownFormats, parseFormat, type LogFormat } from '../../observe/logs/formats.js'
import { createLiveAnalytics, type LiveAnalytics } from '../../observe/logs/live.js'
import type { TextPart } from '../../model/text-part.js'
import { openPlaces } from '../../observe/logs/places.js'
import { createKeeper, type Keeper } from '../../observe/logs/raw/keeper.js'
import type { Log } from '../log.js'
import type { Retention } from './retention.js'
import { StartError } from './start-error.js'

export interface FollowingAnalytics extends LiveAnalytics {
  /** Lines are read as the main ConfigMap says that they are written. */
  follow(choices: FrameChoices): void
}

export interface AnalyticsFlags {
  readonly logRetention: Retention
  /** Absent: in the state folder, if that is on a disk. */
  readonly logStore?: string
  readonly geoip?: string
}

/** Log analytics of the NGINX that is served; it follows the format of the log. */
export function startAnalytics(flags: AnalyticsFlags, folder: StateFolder, log: Log): FollowingAnalytics {
  const { geoip } = flags
  checkPlaces(geoip)
  const places = geoip === undefined ? {} : { placesFile: geoip }
  const store = storeFolder(flags, folder)
  const live = createLiveAnalytics({
    format: formatOf(defaultAccessLog),
    savedFolder: join(folder.root, 'private'),
    ...places,
    ...(typeof store === 'string'
      ? { noKeeper: store }
      : { keeper: startKeeper(store.path, flags.logRetention, places, log) }),
    onRestart: (reason) => log('error', `log analytics has ended and begins anew, with what was saved: ${reason}`),
    onSaid: (sentence) => log('warn', `log analytics: ${sentence}`),
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

function startKeeper(
  folder: string,
  { bytes, milliseconds }: Retention,
  places: { readonly placesFile?: string },
  log: Log,
): Keeper {
  return createKeeper({
    folder,
    maxBytes: bytes,
    maxAgeMilliseconds: milliseconds,
    format: formatOf(defaultAccessLog),
    ...places,
    say: log,
  })
}

/** A file that was named and is none is a mistake to see at once. */
function checkPlaces(file: string | undefined): void {
  const places = file === undefined ? undefined : openPlaces(file)
  if (places?.ok === false) throw new StartError(`--geoip: ${places.message}.`)
}

/** Source: statfs(2). */
const TMPFS = 0x01021994

/** A sentence if lines are not kept. */
function storeFolder(
  { logRetention, logStore }: AnalyticsFlags,
  { root }: StateFolder,
): string | { readonly path: string } {
  if (logRetention.bytes === 0) return 'lines are not kept (--log-retention 0)'
  if (logStore !== undefined) {
    try {
      makeFolders(logStore, 0o700)
      return { path: logStore }
    } catch (cause) {
      throw new StartError(`--log-store cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`)
    }
  }
  if (statfsSync(root).type === TMPFS)
    return 'lines are not kept, since the state folder is in memory: --log-store names a folder on a disk'
  return { path: join(root, 'lines') }
}

function formatOf({ line, escape }: AccessLog): LogFormat {
  const usual = parseFormat(knownFormats['ingress-nginx'])
  return { name: line === undefined ? 'ingress-nginx' : 'given', parts: line ?? usual.parts, escape }
}
