import { type ComponentChildren, createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** A part of a page under a heading. */
export function Card({
  title,
  note,
  children,
  wide = false,
}: {
  readonly title: string
  readonly note?: ComponentChildren
  readonly children: ComponentChildren
  readonly wide?: boolean
}) {
  return (
    <section class={wide ? 'card wide' : 'card'}>
      <header>
        <h2>{title}</h2>
        {note === undefined ? null : <span class="note">{note}</span>}
      </header>
      {children}
    </section>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'info'

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}

/** A number with what it is a number of. */
export function Figure({
  label,
  value,
  note,
  tone = 'plain',
  href,
}: {
  readonly label: string
  readonly value: ComponentChildren
  readonly note?: ComponentChildren
  readonly tone?: Tone
  readonly href?: string
}) {
  const inside = (
    <>
      <span class="label">{label}</span>
      <span class={`value ${tone}`}>{value}</span>
      <span class="note">{note}</span>
    </>
  )
  return href === undefined ? (
    <div class="figure">{inside}</div>
  ) : (
    <a class="figure" href={href}>
      {inside}
    </a>
  )
}

/** Says that there is nothing, and why. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty" role="status">
      <strong>{title}</strong>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  )
}

export function Alert({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="alert" role="alert">
      {children}
    </div>
  )
}

/** Whose view this is: the one pod or process that was asked. */
export const Scope = createContext('')

/** A short table; wider than the window, it is scrolled by itself. `children`: rows. */
export function Table({
  columns,
  children,
}: {
  readonly columns: readonly string[]
  readonly children: ComponentChildren
}) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {columns.map((title) => (
              <th key={title}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

/** The heading of a view. */
export function Heading({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  const scope = useContext(Scope)
  return (
    <div class="heading">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {scope === '' ? null : <p class="scope">{scope}</p>}
      </div>
      <div class="tools">{children}</div>
    </div>
  )
}

export function Search({
  value,
  label,
  onChange,
}: {
  readonly value: string
  readonly label: string
  readonly onChange: (value: string) => void
}) {
  return (
    <input
      class="search"
      type="search"
      placeholder={label}
      aria-label={label}
      value={value}
      maxLength={200}
      spellcheck={false}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  )
}
