import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import { hostname } from 'node:os'
import { createLineSplitter } from '../logs/lines.js'
import { createOutage } from './outage.js'
import type { ClosableSink } from './switch.js'
import { syslogMessage } from './syslog-message.js'

/** Until a name is looked up again, in milliseconds. */
const PAUSES = { found: 60_000, missing: 2_000 }
/** More than that waits in NGINX's file. */
const MOST_UNDER_WAY = 1024 * 1024
const CALM_MILLISECONDS = 5_000

/**
 * Sends each line as a datagram (RFC 3164). Its name is looked up each minute; until there is an address nothing is
 * taken. Nobody says whether a datagram arrived. That the name cannot be found, or lines cannot be sent, is said once,
 * and so is the end of it.
 *
 * @param resolveName with `pauses`, for tests
 */
export function createSyslogSink(
  host: string,
  port: number,
  say: (level: 'info' | 'warn', sentence: string) => void,
  resolveName: ResolveName = lookup,
  pauses = PAUSES,
): ClosableSink {
  const lines = createLineSplitter()
  const self = hostname()
  let socket: Socket | undefined
  let address: string | undefined
  let isClosed = false

  const outage = (end: string, calmMilliseconds: number) =>
    createOutage(
      {
        began: (why) => say('warn', `syslog at ${host}, port ${port}: ${why}`),
        ended: () => say('info', `syslog at ${host}, port ${port}: ${end}`),
      },
      calmMilliseconds,
    )
  const naming = outage('its name can be resolved again', 0)
  const sending = outage('lines are sent again', CALM_MILLISECONDS)
  const resolve = (): void => {
    resolveName(host, (cause, found, family) => {
      if (isClosed) return
      if (cause === null) naming.worked()
      else naming.failed(`its name cannot be resolved (${cause.code ?? cause.message})`)
      if (cause === null && found !== address) {
        address = found
        socket?.close()
        socket = open(family)
      }
      timer = setTimeout(resolve, cause === null ? pauses.found : pauses.missing)
      timer.unref()
    })
  }
  const open = (family: number): Socket => {
    // It is an address already, and need not be looked up for each datagram.
    const options = { type: family === 6 ? 'udp6' : 'udp4', lookup: answerItself(family) } as const
    const opened = createSocket(options)
    opened.on('error', (cause) => sending.failed(cause.message))
    opened.unref()
    return opened
  }
  let timer: NodeJS.Timeout | undefined
  resolve()
  return {
    write(bytes) {
      const to = address
      const by = socket
      if (to === undefined || by === undefined || by.getSendQueueSize() > MOST_UNDER_WAY) return 0
      lines.read(bytes, (line) => {
        by.send(syslogMessage(line, self, new Date()), port, to, (cause) => {
          if (cause === null) sending.worked()
          else sending.failed(cause.message)
        })
      })
      return bytes.length
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}

type ResolveName = (
  name: string,
  done: (cause: NodeJS.ErrnoException | null, address: string, family: number) => void,
) => void

type Lookup = (name: string, options: object, done: (cause: null, address: string, family: number) => void) => void

function answerItself(family: number): Lookup {
  return (name, _options, done) => done(null, name, family)
}
