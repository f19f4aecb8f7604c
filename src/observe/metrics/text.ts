/** How metrics are written: Prometheus' text format 0.0.4, or OpenMetrics 1.0. */
export type Form = 'text' | 'openmetrics'

export type Kind = 'counter' | 'gauge' | 'histogram'

/**
 * The lines in front of a family. OpenMetrics has its own idea of the names of counters: they end with `_total`. What
 * ingress-nginx named otherwise keeps its name there and is of no kind, so that dashboards find it in both forms.
 */
export function header(name: string, kind: Kind, help: string, form: Form): string {
  if (form === 'text') return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind === 'counter' ? 'unknown' : kind}\n`
}

export type Labels = readonly (readonly [name: string, value: string])[]

/** `name="value",…` in order of the names, as Prometheus' own library writes them. */
export function printLabels(labels: Labels): string {
  return [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

/** The form that a client asks for; Prometheus prefers OpenMetrics. */
export function formFor(accept: string | undefined): Form {
  return /application\/openmetrics-text/.test(accept ?? '') ? 'openmetrics' : 'text'
}

export const CONTENT_TYPES: Readonly<Record<Form, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** A bound as Prometheus' Go library writes it (Go's `%g`): bounds from 1,000,000 on have an exponent. */
export function printBound(bound: number): string {
  if (bound < 1e6 && bound >= 1e-4) return String(bound)
  const [digits = '', exponent = '0'] = bound.toExponential().split('e')
  const [sign, power] = [exponent.startsWith('-') ? '-' : '+', exponent.replace(/^[+-]/, '').padStart(2, '0')]
  return `${digits}e${sign}${power}`
}

function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
