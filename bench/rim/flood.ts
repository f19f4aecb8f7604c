import { connect, type Socket } from 'node:net'
import { beginHandshake, createHello, NAME_LENGTH } from '../../test/floods/hello.js'
import {
  attackHttp2,
  block,
  CONTINUATION,
  END_HEADERS,
  END_STREAM,
  field,
  frame,
  HEADERS,
  type Http2Attacker,
  reset,
} from '../../test/floods/http2.js'
import { drip, gather } from '../../test/floods/slow.js'

/**
 * A flood against a proxy of this machine, with so much of it in a second that two proxies get the same. A process of
 * its own; its arguments are the kind, the part of its rate (4: a quarter), the ports for HTTP and HTTPS, a host that
 * there is, and seconds. docs/hardening.md.
 */
const [kind = '', part = '', http = '', https = '', host = '', seconds = ''] = process.argv.slice(2)

/**
 * A millisecond, so that what a flood has for a second comes evenly and not in heaps, which alone would keep others
 * waiting.
 */
const TICK_MILLISECONDS = Number(part)
const TICKS_PER_SECOND = 1000 / TICK_MILLISECONDS

/** Until the program is compiled, which takes more of the core of the others than the flood. */
const WARM_UP_SECONDS = 2

/** What each kind does in a tick; the first part is done before. */
const floods: Readonly<Record<string, () => Promise<() => void>>> = {
  hosts: () => {
    const sockets: Socket[] = []
    const open = (): Socket => {
      const socket = connect(Number(http), '127.0.0.1').resume()
      socket.on('error', () => undefined)
      return socket
    }
    let sent = 0
    return Promise.resolve(() => {
      for (let at = 0; at < 4; at++) {
        const before = sockets[at]
        const socket = before === undefined || before.destroyed || !before.writable ? open() : before
        sockets[at] = socket
        socket.write(`GET /${sent} HTTP/1.1\r\nHost: ${sent++}.nobody.test\r\n\r\n`)
      }
    })
  },
  names: async () => {
    const hello = await createHello()
    let ticks = 0
    let sent = 0
    return () => {
      if (ticks++ % 5 !== 0) return
      const name = `${sent++}.nobody.test`.padStart(NAME_LENGTH, 'x')
      void beginHandshake(Number(https), hello(name))
    }
  },
  resets: () =>
    onHttp2((round) => {
      const stream = 2 * round + 1
      return [frame(HEADERS, END_STREAM | END_HEADERS, stream, block(host, '/')), reset(stream)]
    }),
  heads: () => {
    const begin = [frame(HEADERS, END_STREAM, 1, block(host, '/'))]
    const goOn = [frame(CONTINUATION, 0, 1, field('x', 'y'.repeat(4_000)))]
    // Each connection in a tick of its own: they end after the same number of frames, and their successors should not
    // begin at once.
    return onHttp2((round, connection) => (round === 0 ? begin : round % 4 === connection ? goOn : []))
  },
  slow: async () => {
    const crowd = await gather(Number(http), 2_000, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `)
    let ticks = 0
    const often = TICKS_PER_SECOND / 2
    return () => drip(crowd, ticks++ % often, often)
  },
}

/** Four connections; one that is over is opened anew. */
async function onHttp2(act: (round: number, connection: number) => readonly Buffer[]): Promise<() => void> {
  const open = async (): Promise<{ attacker: Http2Attacker; round: number }> => {
    const attacker = await attackHttp2(Number(https), host)
    attacker.socket.setMaxListeners(0) // one for each frame that the system has not taken
    return { attacker, round: 0 }
  }
  const all = await Promise.all(Array.from({ length: 4 }, open))
  const opening = new Set<number>()
  return () => {
    for (const [index, one] of all.entries()) {
      if (!one.attacker.isOver) {
        const frames = act(one.round++, index)
        if (frames.length > 0) void one.attacker.send(...frames)
        continue
      }
      if (opening.has(index)) continue
      opening.add(index)
      one.attacker.socket.destroy()
      open()
        .then((made) => (all[index] = made))
        .catch(() => undefined)
        .finally(() => opening.delete(index))
    }
  }
}

const flood = floods[kind]
if (flood === undefined) throw new Error(`there is no flood ${kind}`)
const tick = await flood()
const began = performance.now()
let done = 0
setInterval(() => {
  // A tick that was late is made up for: both proxies get the same.
  for (const due = (performance.now() - began) / TICK_MILLISECONDS; done < due; done++) tick()
}, TICK_MILLISECONDS)
setTimeout(() => process.stdout.write('begun\n'), WARM_UP_SECONDS * 1000)
setTimeout(() => process.exit(), Number(seconds) * 1000)
