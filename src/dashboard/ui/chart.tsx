import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { PanelData } from '../../observe/boards/panel.js'
import { moment } from '../words.js'
import { shown } from './values.js'

type Series = Extract<PanelData, { readonly kind: 'series' }>

const HEIGHT = 210

/** Curves over time, with marks; and the same as a table, for readers and for who cannot see a canvas. */
export function Chart({ data, title }: { readonly data: Series; readonly title: string }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const latest = useRef(data)
  latest.current = data
  const shape = `${data.unit} ${data.lines.map(({ label }) => label).join(' ')}`

  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const make = (): void => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(latest, element.clientWidth), valuesOf(latest.current), element)
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
              <time>{moment(time)}</time> {text}
            </li>
          ))}
        </ul>
      )}
    </>
  )
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

function optionsOf(data: { readonly current: Series }, width: number): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name)
  const text = resolve(colour('--soft'))
  const grid = resolve(colour('--line'))
  const { lines, unit } = data.current
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: '12px system-ui' }
  return {
    width,
    height: HEIGHT,
    cursor: { y: false },
    legend: { live: true },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.12 : 1] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((second) => clock(second)) },
      { ...axis, size: 66, values: (_, splits) => splits.map((value) => shown(value, unit)) },
    ],
    series: [
      { value: (_, second) => (second === null ? '' : moment(second * 1000).slice(0, 16)) },
      ...lines.map(
        ({ label }, i): uPlot.Series => ({
          label,
          stroke: resolve(colour(COLOURS[i % COLOURS.length] ?? '--accent')),
          width: i === 0 ? 2 : 1.4,
          ...(i === 0 && lines.length < 3 ? { fill: `${resolve(colour('--accent'))}1c` } : {}),
          points: { show: false },
          value: (_, value) => shown(value, unit),
        }),
      ),
    ],
    hooks: { draw: [(plot) => drawMarks(plot, data.current, resolve(colour('--bad')))] },
  }
}

const COLOURS = ['--accent', '--warn', '--info', '--bad', '--good'] as const

/** A canvas does not know light-dark(): the value for the scheme in force is taken from an element. */
function resolve(value: string): string {
  const probe = document.createElement('span')
  probe.style.color = value
  document.body.append(probe)
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+(?:\.\d+)?/g) ?? []).map(Number)
  probe.remove()
  return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

function drawMarks(plot: uPlot, { marks, times, lines }: Series, colour: string): void {
  const { ctx } = plot
  ctx.save()
  ctx.fillStyle = colour
  for (const { time } of marks) {
    const value = lines[0]?.values[times.indexOf(time)]
    if (typeof value !== 'number') continue
    ctx.beginPath()
    ctx.arc(
      plot.valToPos(time / 1000, 'x', true),
      plot.valToPos(value, 'y', true),
      5 * devicePixelRatio,
      0,
      2 * Math.PI,
    )
    ctx.fill()
  }
  ctx.restore()
}

function clock(second: number): string {
  const date = new Date(second * 1000)
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
}
