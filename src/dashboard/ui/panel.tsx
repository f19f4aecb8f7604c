import type { Measured, Panel, PanelData } from '../../observe/boards/panel.js'
import { linkTo } from '../address.js'
import { Chart } from './chart.js'
import { Card, Empty } from './parts.js'
import { change, shown } from './values.js'

/** One panel of a board. */
export function PanelView({ panel }: { readonly panel: Panel }) {
  const { title, window, help, wide = false, data } = panel
  return (
    <Card title={title} note={window} wide={wide}>
      <Content data={data} title={title} />
      {help === undefined ? null : <p class="help note">{help}</p>}
    </Card>
  )
}

function Content({ data, title }: { readonly data: PanelData; readonly title: string }) {
  switch (data.kind) {
    case 'figures':
      return <Figures data={data} />
    case 'series':
      return <Chart data={data} title={title} />
    case 'table':
      return <TopTable data={data} />
    case 'compare':
      return <Compared data={data} />
    case 'nothing':
      return <Empty title="Nothing to show">{data.reason}</Empty>
  }
}

function Figures({ data: { figures } }: { readonly data: Extract<PanelData, { readonly kind: 'figures' }> }) {
  return (
    <div class="numbers">
      {figures.map(({ label, unit, value, before, weekBefore }) => (
        <div class="number" key={label}>
          <span class="label">{label}</span>
          <span class="value">{shown(value, unit)}</span>
          {before === undefined ? null : (
            <span class="note" title="against the 24 hours before">
              1 d {change(value, before, unit) || '–'}
            </span>
          )}
          {weekBefore === undefined ? null : (
            <span class="note" title="against the same hours a week before">
              7 d {change(value, weekBefore, unit) || '–'}
            </span>
          )}
        </div>
      ))}
    </div>
  )
}

/** On narrow screens a table with many columns is moved, rather than left without names. */
const NAME_PIXELS = 110
const NUMBER_PIXELS = 68

/** The first column of numbers is drawn as a bar behind them. */
function TopTable({ data }: { readonly data: Extract<PanelData, { readonly kind: 'table' }> }) {
  const { of, columns, rows, approximate, leadsTo } = data
  const most = Math.max(...rows.map(({ values: [first] }) => first ?? 0), 0)
  return (
    <div class="scroll">
      <table class="top" style={{ minWidth: `${NAME_PIXELS + columns.length * NUMBER_PIXELS}px` }}>
        <thead>
          <tr>
            <th>{of}</th>
            {columns.map(({ title }) => (
              <th class="number" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values }, i) => (
            <tr key={`${i} ${name}`}>
              <td title={name}>
                <span class="bar" style={{ width: `${share(values[0] ?? null, most)}%` }} />
                <span class="name">
                  <Name name={name} leadsTo={leadsTo} />
                </span>
              </td>
              {columns.map(({ title, unit }, column) => (
                <td class="number" key={title}>
                  {shown(values[column] ?? null, unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {approximate ? <p class="help note">Rare ones are counted together and may be missing.</p> : null}
    </div>
  )
}

function Name({ name, leadsTo }: { readonly name: string; readonly leadsTo: 'explain' | 'monitoring' | undefined }) {
  // What is counted together, and what a line does not say, leads nowhere.
  if (leadsTo === undefined || !/^[a-z0-9]/i.test(name)) return <>{name}</>
  const link =
    leadsTo === 'explain' ? linkTo(['explain'], { url: `http://${name}` }) : linkTo(['monitoring'], { host: name })
  return <a href={link}>{name}</a>
}

function share(value: Measured, most: number): number {
  return value === null || most <= 0 ? 0 : Math.max(1, (value / most) * 100)
}

function Compared({ data: { a, b, rows } }: { readonly data: Extract<PanelData, { readonly kind: 'compare' }> }) {
  return (
    <div class="scroll">
      <table class="compare">
        <thead>
          <tr>
            <th>Figure</th>
            <th class="number">A {a}</th>
            <th class="number">B {b}</th>
            <th class="number">B against A</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, unit, a: left, b: right }) => (
            <tr key={label}>
              <td>{label}</td>
              <td class="number">{shown(left, unit)}</td>
              <td class="number">{shown(right, unit)}</td>
              <td class="number">{change(right, left, unit) || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
