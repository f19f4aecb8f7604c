import { OTHER, type Dimension, type Figure } from '../analytics.js'

/**
 * A set of dimensions by which requests are added up. The first four are those of ack.md 4.3; `service`, `agent`,
 * `client` and `place` are for the panels of its section 5.
 */
export interface Cube {
  readonly name: CubeName
  readonly dimensions: readonly Dimension[]
  /** Keeps sketches of times. */
  readonly times: boolean
  /** Keeps who came. */
  readonly visitors: boolean
}

export type CubeName = 'total' | 'host' | 'status' | 'service' | 'agent' | 'client' | 'place' | 'full'

/** From the smallest on: a question is answered from the first that can. */
export const cubes: readonly Cube[] = [
  { name: 'total', dimensions: [], times: true, visitors: true },
  { name: 'host', dimensions: ['host'], times: true, visitors: true },
  { name: 'status', dimensions: ['host', 'status'], times: false, visitors: false },
  { name: 'service', dimensions: ['host', 'service'], times: true, visitors: false },
  { name: 'agent', dimensions: ['browser', 'os', 'device'], times: false, visitors: false },
  { name: 'client', dimensions: ['client'], times: false, visitors: false },
  { name: 'place', dimensions: ['country', 'region', 'city'], times: false, visitors: true },
  {
    name: 'full',
    dimensions: ['host', 'path', 'status', 'method', 'service', 'upstreamStatus'],
    times: true,
    visitors: false,
  },
]

export const SEPARATOR = '\u001f'

export function keyOf(values: readonly string[]): string {
  return values.join(SEPARATOR)
}

/** Where a row goes that is too rare: of the same status, so that errors are found. */
export function valuesWhenRare(cube: Cube, values: readonly string[]): readonly string[] {
  return values.map((value, i) => (cube.dimensions[i] === 'status' ? value : OTHER))
}

export function cubeFor(wanted: ReadonlySet<Dimension>, figures: readonly Figure[]): Cube | undefined {
  const needsTimes = figures.some((figure) => /atencyP/.test(figure))
  const needsVisitors = figures.includes('visitors')
  return cubes.find(
    (cube) =>
      [...wanted].every((dimension) => cube.dimensions.includes(dimension)) &&
      (cube.times || !needsTimes) &&
      (cube.visitors || !needsVisitors),
  )
}
