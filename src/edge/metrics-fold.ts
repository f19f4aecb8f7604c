import { pause } from './pause.js'
import { variables } from './variables.js'

/**
 * What workers have counted goes into a list in shared memory, each second as far as it changed, from where the
 * controller takes it. While nobody takes it, workers keep adding up, which needs no more memory.
 *
 * An entry is lines of fields between tabs: the label set (`metrics-labels.ts`), an example of a request (`MILLISECONDS
 * ID TIME`, or nothing), and the numbers that are not 0 as `POSITION:NUMBER`, with blanks between them.
 */

export type Cells = LuaTable<number, number>

/** A label set and its numbers since they were last handed on. */
export interface Series {
  readonly labels: string
  readonly cells: Cells
  readonly length: number
  /** There is something to hand on. */
  isOpen: boolean
  example: string
}

const LIST = 'counted'
const SECONDS = 1
/** What is left for the last words of workers that end. */
const RESERVE_BYTES = 4 * 1024 * 1024
/** Label sets in a second: what changes more of them waits a little longer for its turn, and requests do not wait for it. */
const MOST_IN_A_SECOND = 2_000
const AT_A_TIME = 200
const EXAMPLES_IN_A_SECOND = 100

let waiting: Series[] = []
let turn: Series[] = []
let next = 0
let examples = EXAMPLES_IN_A_SECOND
let isDraining = false
let folded = 0

/** In each worker, where the frame has metrics. */
export function beginFolding(): void {
  if (ngx.shared.fairlead_metrics === undefined) return
  ngx.timer.every(SECONDS, (premature) => {
    if (premature) {
      // There are no timers from now on, but requests under way.
      isDraining = true
      return foldAll()
    }
    foldInTurn()
  })
}

/** Its first request since it was last handed on. */
export function openSeries(series: Series, milliseconds: number): void {
  series.isOpen = true
  if (examples > 0) {
    examples--
    series.example = `${milliseconds} ${variables['req_id'] ?? ''} ${ngx.now()}`
  }
  waiting.push(series)
  if (isDraining && ngx.now() - folded >= SECONDS) foldAll()
}

/** Whether what is handed on is taken. */
export function isRoomLeft(): boolean {
  const list = ngx.shared.fairlead_metrics
  return list !== undefined && list.free_space() > RESERVE_BYTES
}

/** At the end of a worker, and where it has more label sets than it may keep. */
export function foldAll(): void {
  foldSome(turn.length)
  turn = waiting
  waiting = []
  next = 0
  foldSome(turn.length)
  folded = ngx.now()
}

function foldInTurn(): void {
  examples = EXAMPLES_IN_A_SECOND
  if (!isRoomLeft()) return
  if (next >= turn.length) {
    turn = waiting
    waiting = []
    next = 0
  }
  for (let i = 0; i < MOST_IN_A_SECOND && next < turn.length; i += AT_A_TIME) {
    if (i > 0) pause()
    foldSome(AT_A_TIME)
  }
}

function foldSome(most: number): void {
  const last = math.min(next + most, turn.length)
  const pieces: string[] = []
  while (next < last) {
    const series = turn[next]
    next++
    if (series !== undefined && series.isOpen) write(pieces, series)
  }
  if (pieces.length === 0) return
  const list = ngx.shared.fairlead_metrics
  if (list === undefined) return
  const [length, problem] = list.rpush(LIST, table.concat(pieces))
  if (length === undefined) ngx.log(ngx.ERR, 'counted requests are lost: ', problem ?? 'unknown')
}

function write(pieces: string[], series: Series): void {
  const { cells, labels, example, length } = series
  pieces.push(`${labels}\t${example}\t`)
  for (let i = 1; i <= length; i++) {
    const number = cells.get(i)
    if (number !== 0) {
      pieces.push(`${i}:${number} `)
      cells.set(i, 0)
    }
  }
  pieces.push('\n')
  series.isOpen = false
  series.example = ''
}

/** Everything that was handed on, as far as it fits into an answer; it is not there any more then. */
export function takeFolded(mostBytes: number): string[] {
  const list = ngx.shared.fairlead_metrics
  const taken: string[] = []
  let bytes = 0
  while (list !== undefined && bytes < mostBytes) {
    const [entry] = list.lpop(LIST)
    if (entry === undefined) break
    taken.push(entry)
    bytes += entry.length
  }
  return taken
}
