import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Page } from '../../observe/shown.js'
import { Alert, Empty } from './parts.js'

export interface Column<T> {
  readonly title: string
  /** A share of the width, or pixels. */
  readonly width: number | `${number}px`
  readonly cell: (row: T) => ComponentChildren
  /** Left out on narrow screens. */
  readonly minor?: true
  /** A number: at the right side. */
  readonly numeric?: true
  /** The rows can be ordered by it, under this name. */
  readonly order?: string
  /** What the column is, where its title is too short to say it. */
  readonly about?: string
}

/** By which column rows are ordered, and how another is chosen. */
export interface Ordering {
  readonly by: string
  choose(order: string): void
}

const PAGE = 100
/** As in style.css; on narrow screens a row has two lines. */
const WIDE_ROW = 40
const NARROW_ROW = 66
const narrow = matchMedia('(max-width: 760px)')
/** Rows beyond the window, so that scrolling shows no gaps. */
const MARGIN = 10
const KEPT_PAGES = 20

/**
 * A table of any length: only rows in sight are in the document, and only their pages are asked for. `version` changes
 * when what is shown may have changed; `question` when something else is asked for.
 */
export function LongTable<T>({
  label,
  columns,
  question,
  version,
  load,
  empty,
  ordering,
}: {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly question: string
  readonly version: number
  readonly load: (offset: number, limit: number) => Promise<Page<T>>
  readonly empty: ComponentChildren
  readonly ordering?: Ordering
}) {
  const box = useRef<HTMLDivElement>(null)
  const pages = useRef(new Map<number, readonly T[]>())
  const asked = useRef(0)
  const [total, setTotal] = useState<number | undefined>(undefined)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(600)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [, redraw] = useState(0)
  const [rowPixels, setRowPixels] = useState(narrow.matches ? NARROW_ROW : WIDE_ROW)

  const first = Math.max(0, Math.floor(top / rowPixels) - MARGIN)
  const last = Math.min(total ?? PAGE, Math.ceil((top + height) / rowPixels) + MARGIN)

  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    const follow = (): void => setRowPixels(narrow.matches ? NARROW_ROW : WIDE_ROW)
    narrow.addEventListener('change', follow)
    return () => {
      observer.disconnect()
      narrow.removeEventListener('change', follow)
    }
  }, [])

  useEffect(() => {
    pages.current = new Map()
    setTotal(undefined)
    setTop(0)
    if (box.current !== null) box.current.scrollTop = 0
  }, [question])

  useEffect(() => {
    const own = ++asked.current
    const wanted = Array.from(
      { length: Math.ceil(last / PAGE) - Math.floor(first / PAGE) || 1 },
      (_, i) => i + Math.floor(first / PAGE),
    )
    const fetchPages = async (): Promise<void> => {
      for (const page of wanted) {
        const answer = await load(page * PAGE, PAGE)
        if (own !== asked.current) return
        if (pages.current.size >= KEPT_PAGES) pages.current = new Map()
        pages.current.set(page, answer.rows)
        setTotal(answer.total)
      }
      setProblem(undefined)
      redraw((n) => n + 1)
    }
    fetchPages().catch((cause: unknown) => {
      if (own === asked.current) setProblem(cause instanceof Error ? cause.message : String(cause))
    })
  }, [question, version, Math.floor(first / PAGE), Math.floor(Math.max(0, last - 1) / PAGE)])

  const grid = {
    gridTemplateColumns: columns
      .map(({ width }) => (typeof width === 'number' ? `minmax(0, ${width}fr)` : width))
      .join(' '),
  }
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
  return (
    <div class="long-table" role="table" aria-label={label} aria-rowcount={(total ?? 0) + 1}>
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      <div class="head row" role="row" style={grid} aria-rowindex={1}>
        {columns.map((column) => (
          <ColumnHead column={column} ordering={ordering} key={column.title} />
        ))}
      </div>
      <div
        class="body"
        ref={box}
        tabIndex={0}
        role="rowgroup"
        aria-label={`${label}, scrollable`}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        {total === 0 ? (
          <div class="inset">{empty}</div>
        ) : (
          <div class="spacer" role="presentation" style={{ height: `${(total ?? 0) * rowPixels}px` }}>
            {rows.map((index) => {
              const row = pages.current.get(Math.floor(index / PAGE))?.[index % PAGE]
              return (
                <div
                  class="row"
                  role="row"
                  key={index}
                  aria-rowindex={index + 2}
                  style={{ ...grid, transform: `translateY(${index * rowPixels}px)` }}
                >
                  {columns.map((column) => (
                    <span role="cell" class={classOf(column)} data-title={column.title} key={column.title}>
                      {row === undefined ? '…' : column.cell(row)}
                    </span>
                  ))}
                </div>
              )
            })}
          </div>
        )}
      </div>
      <div class="foot" aria-live="polite">
        {total === undefined ? 'loading' : `${total.toLocaleString('en')} in all`}
      </div>
    </div>
  )
}

function ColumnHead<T>({ column, ordering }: { readonly column: Column<T>; readonly ordering: Ordering | undefined }) {
  const { title, order, about } = column
  if (order === undefined || ordering === undefined)
    return (
      <span role="columnheader" class={classOf(column)} title={about}>
        {title}
      </span>
    )
  const isChosen = ordering.by === order
  const direction = order === 'host' ? 'ascending' : 'descending'
  return (
    <span role="columnheader" class={classOf(column)} aria-sort={isChosen ? direction : 'none'}>
      <button type="button" class="order" title={about} onClick={() => ordering.choose(order)}>
        {title}
        <span aria-hidden="true">{isChosen ? (direction === 'ascending' ? ' ▴' : ' ▾') : ''}</span>
      </button>
    </span>
  )
}

function classOf<T>({ minor, numeric }: Column<T>): string {
  return `${minor === true ? 'minor' : ''}${numeric === true ? ' number' : ''}`.trim()
}

export function NothingFound({ search, what }: { readonly search: string; readonly what: string }) {
  return search === '' ? (
    <Empty title={`No ${what}`}>Nothing has been declared that is served.</Empty>
  ) : (
    <Empty title={`No ${what} with “${search}”`}>Every word has to be found; try fewer.</Empty>
  )
}
