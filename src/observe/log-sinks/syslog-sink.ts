import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import { hostname } from 'node:os'
import { createLineSplitter } from '../logs/lines.js'
import type { ClosableSink } from './switch.js'
import { syslogMessage } from './syslog-message.js'

const RESOLVE_MILLISECONDS = 60_000
const AGAIN_MILLISECONDS = 2_000
/** More than that waits in NGINX's file. */
const MOST_UNDER_WAY = 1024 * 1024

/**
 * Sends each line as a datagram (RFC 3164). Its name is looked up each minute; until there is an address nothing is taken.
 * Nobody says whether a datagram arrived.
 */
export function createSyslogSink(host: string, port: number, onTrouble: (sentence: string) => void): ClosableSink {
  const lines = createLineSplitter()
  const self = hostname()
  let socket: Socket | undefined
  let address: string | undefined
  let isTroubled = false
  let isClosed = false

  const trouble = (why: string): void => {
    if (!isTroubled) onTrouble(`syslog at ${host}, port ${port}: ${why}`)
    isTroubled = true
  }
  const resolve = (): void => {
    lookup(host, (cause, found, family) => {
      if (isClosed) return
      if (cause !== null) trouble(`its name cannot be resolved (${cause.code ?? cause.message})`)
      else if (found !== address) {
        isTroubled = false
        address = found
        socket?.close()
        socket = open(family)
      }
      timer = setTimeout(resolve, cause === null ? RESOLVE_MILLISECONDS : AGAIN_MILLISECONDS)
      timer.unref()
    })
  }
  const open = (family: number): Socket => {
    // It is an address already, and need not be looked up for each datagram.
    const options = { type: family === 6 ? 'udp6' : 'udp4', lookup: answerItself(family) } as const
    const opened = createSocket(options)
    opened.on('error', (cause) => trouble(cause.message))
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
          if (cause !== null) trouble(cause.message)
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

type Lookup = (name: string, options: object, done: (cause: null, address: string, family: number) => void) => void

function answerItself(family: number): Lookup {
  return (name, _options, done) => done(null, name, family)
}
