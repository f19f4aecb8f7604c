import type { Labels } from './figures.js'
import type { Silence } from './rule.js'

/** The silence that is in force for these labels at `now`. */
export function silenceFor(labels: Labels, silences: readonly Silence[], now: number): Silence | undefined {
  return silences.find(({ match, from, until }) => now >= from && now < until && matches(labels, match))
}

function matches(labels: Labels, match: Labels): boolean {
  return match.every(([name, pattern]) =>
    labels.some(([label, value]) => label === name && fits(value, pattern.split('*'))),
  )
}

/** The pieces between `*` in their order, from beginning to end: no expression that a text could make slow. */
function fits(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= text.length - last.length
}
