import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLineProcess, type LineProcess } from './line-process.js'
import { type LuaEngine, luaFrame, luaFrameArguments } from './lua-frame.js'
import { program } from './neighbours-program.js'

/** An address to answer for on a link. */
export interface AnsweredAddress {
  /** In its usual form. */
  readonly address: string
  /** Its name. */
  readonly interface: string
  /** Of that interface, as `02:00:00:00:00:01`. */
  readonly mac: string
  /** How often it is to have been announced without being asked since it was held; one more sends one more. */
  readonly announcements: number
  /** Who sees that somebody else has the address: says so again (at most every 10 s), or answers no more. RFC 5227, 2.4. */
  readonly inConflict: 'defend' | 'withdraw'
}

/** Somebody else answers for one of the addresses. */
export interface AddressConflict {
  readonly address: string
  readonly mac: string
}

export type NeighbourAnswer =
  | { readonly ok: true; readonly conflicts: readonly AddressConflict[] }
  | { readonly ok: false; readonly cause: string }

/** Answers ARP (RFC 826) and neighbour solicitations (RFC 4861) for addresses that no interface has. */
export interface Neighbours {
  /**
   * From now on these and no others; gives the conflicts since the last call. Must be called again within 5 s: without that
   * nothing is answered any more, so that a program that hangs does not keep an address from others.
   */
  answerFor(addresses: readonly AnsweredAddress[]): Promise<NeighbourAnswer>
  /** Ends the process, and with it every answer; it also ends with this one. */
  stop(): Promise<void>
}

/** A process that is stopped answers nothing for so long at most. */
const DEADLINE_MILLISECONDS = 10_000

/**
 * Packet sockets, which Node has not, by the FFI of the engine's LuaJIT: a process of the engine that goes no further than
 * `init_by_lua`, like the helper for patterns. Needs CAP_NET_RAW. It is started again if it ended.
 */
export function createNeighbours(engine: LuaEngine): Neighbours {
  let running: LineProcess | undefined

  async function start(): Promise<LineProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-neighbours-'))
    try {
      const file = join(folder, 'frame.conf')
      await writeFile(file, luaFrame(folder, engine, '', program))
      const process = startLineProcess([...engine.command, ...luaFrameArguments(folder, file)], DEADLINE_MILLISECONDS)
      // The first answer says that the frame was read, so that the folder is not needed any more.
      await process.ask('[]')
      return process
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  return {
    async answerFor(addresses) {
      if (running?.ended !== false) running = await start()
      const answer = await running.ask(JSON.stringify(addresses))
      if (!answer.ok) return answer
      return readAnswer(answer.line)
    },
    async stop() {
      await running?.stop()
    },
  }
}

function readAnswer(line: string): NeighbourAnswer {
  // The program prints this shape.
  const answer = JSON.parse(line) as {
    readonly conflicts: readonly AddressConflict[] | object
    readonly error?: string
  }
  if (answer.error !== undefined) return { ok: false, cause: answer.error }
  // An empty table of Lua is an empty mapping in JSON.
  return {
    ok: true,
    conflicts: Array.isArray(answer.conflicts) ? (answer.conflicts as readonly AddressConflict[]) : [],
  }
}
