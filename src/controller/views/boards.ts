import type { BoardSource } from '../../observe/boards/ask.js'
import { type BoardChoice, isBoardName, makeBoard } from '../../observe/boards/boards.js'
import type { Board, NoBoard } from '../../observe/boards/panel.js'

/** How long a board is as good as new, and how many are kept: many who look cost no more than one. */
const FRESH_MILLISECONDS = 5_000
const MOST_KEPT = 50

/** Shorter than what a client is waited for, and longer than any board takes. */
const PATIENCE_MILLISECONDS = 10_000

/** Gives boards by name; undefined: there is no such board. One question after another is put to the log, not all at once. */
export function createBoards(source: BoardSource | undefined, now: () => number = Date.now) {
  const kept = new Map<string, { readonly at: number; readonly board: Promise<Board | NoBoard> }>()
  let turn: Promise<unknown> = Promise.resolve()
  return (name: string, choice: BoardChoice): Promise<Board | NoBoard> | undefined => {
    if (!isBoardName(name)) return undefined
    if (source === undefined) {
      const nothing = 'The access log is not read: --log-analytics=false. Without that flag the boards are here.'
      return Promise.resolve({ nothing })
    }
    const key = JSON.stringify([name, choice.host, choice.a, choice.b, choice.kind])
    const before = kept.get(key)
    if (before !== undefined && Math.abs(now() - before.at) < FRESH_MILLISECONDS) return before.board
    const asked = performance.now()
    // Nobody waits for it any more: who asks for ever other boards must not have them all made.
    const made = turn.then(() =>
      performance.now() - asked < PATIENCE_MILLISECONDS ? makeBoard(name, choice, source, now()) : LATE,
    )
    turn = made.catch(() => undefined)
    const board = withinPatience(made)
    kept.delete(key)
    kept.set(key, { at: now(), board })
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    return board
  }
}

const LATE: NoBoard = {
  nothing: 'The log is being read, which takes longer than usual. This page asks again by itself.',
}

/** While much of the log is still to be read, that is the answer. */
function withinPatience(made: Promise<Board | NoBoard>): Promise<Board | NoBoard> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<NoBoard>((resolve) => {
    timer = setTimeout(() => resolve(LATE), PATIENCE_MILLISECONDS)
    timer.unref()
  })
  return Promise.race([made, late]).finally(() => clearTimeout(timer))
}
