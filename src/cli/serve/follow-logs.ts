import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NginxProcess } from '../../apply/nginx-process.js'
import type { StateFolder } from '../../apply/state-folder.js'
import type { FrameChoices } from '../../model/global-settings.js'
import { defaultLogTargets, type LogTarget, type LogTargets } from '../../model/log-targets.js'
import { createFileSink, type FileSink } from '../../observe/log-sinks/file-sink.js'
import { type ClosableSink, createSwitchingSink, type SwitchingSink } from '../../observe/log-sinks/switch.js'
import { createSyslogSink } from '../../observe/log-sinks/syslog-sink.js'
import { createTail, type Tail } from '../../observe/tail.js'
import type { Log } from '../log.js'
import { openWithoutBlocking } from '../output.js'
import { createCopied } from './copied.js'

const FOLLOW_MILLISECONDS = 100
/** How long the end waits for a reader that takes nothing. */
const FAREWELL_MILLISECONDS = 5_000
/** How long lines wait to learn where they go, such as without an API server; then it is standard output. */
const UNTOLD_MILLISECONDS = 10_000

export interface FollowedLogs {
  /** Where lines go from now on. */
  follow(choices: FrameChoices): void
  finish(): Promise<void>
}

interface Followed {
  readonly tail: Tail
  readonly sink: SwitchingSink
}

/**
 * Copies what NGINX writes to where the main ConfigMap says; without that its logs are only kept from growing for ever.
 * NGINX writes to its own files and waits for nobody. A controller goes on where the one before ended, also with what
 * NGINX wrote when there was none.
 *
 * @param isCopied the access log goes to standard output where nothing else is said
 * @param onRead sees everything that is written to the log of requests, whether or not anybody takes it
 */
export function followLogs(
  isCopied: boolean,
  folder: StateFolder,
  nginx: NginxProcess,
  log: Log,
  onRead?: (bytes: Uint8Array) => void,
): FollowedLogs {
  const output = openWithoutBlocking(1)
  const files = new Set<FileSink>()
  const standard = (): ClosableSink => ({
    write: (bytes) => (isCopied ? output.write(bytes) : bytes.length),
    close: () => undefined,
  })
  const sinkFor = (target: LogTarget | undefined): ClosableSink => {
    const onTrouble = (sentence: string): void => log('warn', sentence)
    switch (target?.kind) {
      case undefined:
        return NOWHERE
      case 'standard output':
        return standard()
      case 'syslog':
        return createSyslogSink(target.host, target.port, log)
      case 'file': {
        const file = createFileSink(target.path, onTrouble)
        files.add(file)
        return {
          write: file.write,
          close() {
            files.delete(file)
            file.close()
          },
        }
      }
    }
  }

  const copied = createCopied(folder.copied, () => performance.now())
  const common = {
    reopen: () => nginx.signal('SIGUSR1'),
    onLost: (lines: number) => log('warn', `${lines} lines of the access log were lost: ${WHOM}`),
  }
  const create = (name: 'requests' | 'connections', path: string): Followed => {
    const sink = createSwitchingSink(NOT_YET)
    // Of a file that an older version left it is not known how far it was copied; most of it was.
    const tail = createTail(path, sink, { ...common, startAtEnd: existsSync(path), from: copied.before(name) })
    tail.step()
    return { sink, tail }
  }
  // Of a file that an older version left, that one has counted most, and saved it.
  const isLeft = existsSync(folder.accessLog)
  // A reader of its own: what is copied waits for others, and the file is put aside once it has been.
  const reader =
    onRead === undefined
      ? undefined
      : createTail(folder.accessLog, NOWHERE, {
          ...common,
          startAtEnd: isLeft,
          from: copied.before('analytics'),
          isKept: true,
          onRead,
        })
  // Where the file ends now: NGINX may write to it as soon as it has started.
  if (isLeft) reader?.step()
  const followed = {
    requests: create('requests', folder.accessLog),
    connections: create('connections', folder.streamLog),
    errors: undefined as Followed | undefined, // begins with the first target
  }
  const all = (): readonly Followed[] =>
    [followed.requests, followed.connections, followed.errors].filter((one) => one !== undefined)

  let targets: LogTargets | undefined
  const change = (name: keyof LogTargets, to: LogTargets): void => {
    if (JSON.stringify(targets?.[name]) === JSON.stringify(to[name])) return
    if (name === 'errors' && followed.errors === undefined) {
      const sink = createSwitchingSink(NOWHERE)
      const tail = createTail(folder.errorLog, sink, { ...common, startAtEnd: true, isKept: true })
      // Now, so that the lines of this moment are among them.
      tail.step()
      followed.errors = { sink, tail }
    }
    followed[name]?.sink.to(sinkFor(to[name]))
  }

  const reopenFiles = (): void => {
    log('info', 'SIGUSR1: files of logs are opened anew')
    for (const file of files) file.reopen()
  }
  process.on('SIGUSR1', reopenFiles)
  const follow = ({ logTargets = defaultLogTargets }: FrameChoices): void => {
    if (logTargets === targets) return
    for (const name of ['requests', 'connections', 'errors'] as const) change(name, logTargets)
    targets = logTargets
  }
  const begun = performance.now()
  const save = (when: 'in time' | 'now'): void =>
    copied.save(
      {
        requests: followed.requests.tail.place(),
        connections: followed.connections.tail.place(),
        analytics: reader?.place(),
      },
      when,
    )
  const step = (): void => {
    if (targets === undefined && performance.now() - begun > UNTOLD_MILLISECONDS) follow({})
    reader?.step()
    for (const { tail } of all()) tail.step()
    save('in time')
  }
  const timer = setInterval(step, FOLLOW_MILLISECONDS)
  timer.unref()
  return {
    follow,
    async finish() {
      clearInterval(timer)
      for (
        const end = performance.now() + FAREWELL_MILLISECONDS;
        performance.now() < end;
        await sleep(FOLLOW_MILLISECONDS)
      ) {
        step()
        if (targets === undefined || all().every(({ tail }) => tail.isEven())) break
      }
      reader?.close()
      process.off('SIGUSR1', reopenFiles)
      save('now')
      const lines = all().reduce((sum, { tail }) => sum + tail.close(), 0)
      if (lines > 0)
        log('warn', `${lines} lines of NGINX's logs were not copied: ${WHOM}; the next start goes on there`)
      for (const { sink } of all()) sink.close()
    },
  }
}

const WHOM = 'nobody took them (standard output, file or syslog)'
/** Before it is known where they go. */
const NOT_YET: ClosableSink = { write: () => 0, close: () => undefined }
const NOWHERE: ClosableSink = { write: (bytes) => bytes.length, close: () => undefined }
