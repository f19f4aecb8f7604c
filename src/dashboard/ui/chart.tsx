import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { moment } from '../words.js'
import { HEIGHT, colourOf, optionsOf, type Series } from './plot.js'
import { shown } from './values.js'

/** Curves over time, with marks; and the same as a table, for readers and for who cannot see a canvas. */
export function Chart({ data, title }: { readonly data: Series; readonly title: string }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const latest = useRef(data)
  latest.current = data
  const [pointed, setPointed] = useState<number | undefined>(undefined)
  const shape = `${data.unit} ${data.lines.map(({ label }) => label).join(' ')}`

  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const make = (): void => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(latest, element.clientWidth, setPointed), valuesOf(latest.current), element)
    }
    make()
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', make)
    addEventListener('themechange', make)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', make)
      removeEventListener('themechange', make)
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [shape])

  useEffect(() => plot.current?.setData(valuesOf(data)), [data])

  return (
    <>
      <Legend data={data} at={pointed ?? data.times.length - 1} />
      <div class="chart" ref={place} role="img" aria-label={`${title}, a chart; its table follows`} />
      <details class="as-table">
        <summary>As a table</summary>
        <div class="scroll tall">
          <Table data={data} />
        </div>
      </details>
      {data.marks.length === 0 ? null : (
        <ul class="marks">
          {data.marks.slice(-5).map(({ time, text }) => (
            <li key={`${time} ${text}`}>
              <time>{moment(time).slice('2026-'.length, '2026-11-26 00:00'.length)}</time> {text}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** What the curves are, with their values at the step that is pointed at, else at the newest. */
function Legend({ data: { lines, times, unit }, at }: { readonly data: Series; readonly at: number }) {
  const time = times[at]
  const text = time === undefined ? '' : moment(time).slice('2026-'.length).replace(/:00$/, '')
  return (
    <p class="legend">
      <time>{text}</time>
      {lines.map(({ label, values }, i) => (
        <span key={label}>
          <svg width="18" height="8" aria-hidden="true">
            <line x1="0" x2="18" y1="4" y2="4" stroke={`var(${colourOf(i)})`} stroke-width="2.5" {...dashOf(i)} />
          </svg>
          {label} <b>{shown(values[at] ?? null, unit)}</b>
        </span>
      ))}
    </p>
  )
}

function dashOf(i: number): { readonly 'stroke-dasharray'?: string } {
  return i === 0 ? {} : { 'stroke-dasharray': i === 1 ? '5 3' : '2 3' }
}

function Table({ data: { times, lines, unit } }: { readonly data: Series }) {
  const rows = times.map((time, i) => ({ time, values: lines.map(({ values }) => values[i] ?? null) }))
  return (
    <table>
      <thead>
        <tr>
          <th>Time</th>
          {lines.map(({ label }) => (
            <th class="number" key={label}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.toReversed().map(({ time, values }) => (
          <tr key={time}>
            <td>{moment(time)}</td>
            {values.map((value, i) => (
              <td class="number" key={lines[i]?.label}>
                {shown(value, unit)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function valuesOf({ times, lines }: Series): uPlot.AlignedData {
  return [times.map((time) => time / 1000), ...lines.map(({ values }) => [...values])]
}
