import type uPlot from 'uplot'
import type { Measured, PanelData, Unit } from '../../observe/boards/panel.js'
import { shown } from './values.js'

export type Series = Extract<PanelData, { readonly kind: 'series' }>

/** Of a chart, in pixels. */
export const HEIGHT = 190

/**
 * How curves are drawn. The first is the one that is meant; the others are dashed, so that they can be told apart
 * without colours.
 */
export function optionsOf(
  data: { readonly current: Series },
  width: number,
  onPoint: (step: number | undefined) => void,
): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name)
  const text = resolve(colour('--soft'))
  const grid = resolve(colour('--line'))
  const { lines, unit } = data.current
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: '12px system-ui' }
  return {
    width,
    height: HEIGHT,
    padding: [10, 20, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { show: false },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.12 : 1] } },
    axes: [
      { ...axis, size: 30, space: 64, values: (_, splits) => splits.map((second) => clock(second)) },
      {
        ...axis,
        size: 66,
        space: 34,
        ...(unit === 'bytes' ? { incrs: BINARY_STEPS } : {}),
        values: (_, splits) => splits.map((value) => tick(value, unit)),
      },
    ],
    series: [
      {},
      ...lines.map(
        ({ label }, i): uPlot.Series => ({
          label,
          stroke: resolve(colour(colourOf(i))),
          width: i === 0 ? 2 : 1.5,
          ...(i === 0 ? {} : { dash: i === 1 ? [5, 3] : [2, 3] }),
          ...(i === 0 && lines.length < 3 ? { fill: `${resolve(colour('--accent'))}1c` } : {}),
          // A value between two steps without any would be no line.
          points: { show: false, size: 5, filter: (plot, series) => alone(plot.data[series] ?? []) },
        }),
      ),
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, data.current, resolve(colour('--bad')))],
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)],
    },
  }
}

const COLOURS = ['--accent', '--warn', '--curve', '--bad', '--good'] as const

/** The variable that holds the colour of a curve. */
export function colourOf(i: number): string {
  return COLOURS[i % COLOURS.length] ?? '--accent'
}

const BINARY_STEPS = Array.from({ length: 50 }, (_, i) => 2 ** i)

/** Shorter than a value: an axis is read from afar. */
function tick(value: number, unit: Unit): string {
  if (value === 0) return '0'
  return unit === 'rate' && value >= 1 ? String(Number(value.toFixed(1))) : shown(value, unit).replace('.0 ', ' ')
}

function alone(values: ArrayLike<Measured | undefined>): number[] {
  const found: number[] = []
  const isThere = (i: number): boolean => values[i] !== null && values[i] !== undefined
  for (let i = 0; i < values.length; i++) if (isThere(i) && !isThere(i - 1) && !isThere(i + 1)) found.push(i)
  return found
}

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
  const two = (value: number): string => String(value).padStart(2, '0')
  const seconds = date.getSeconds() === 0 ? '' : `:${two(date.getSeconds())}`
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds}`
}
