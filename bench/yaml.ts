/** Plain data as a YAML document in block style, as `kubectl get -o yaml` prints it. */
export function printYaml(value: Readonly<Record<string, unknown>>): string {
  return printMapping(value, '')
}

function printMapping(fields: Readonly<Record<string, unknown>>, indent: string): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${indent}${printScalar(key)}:${printValue(value, indent)}`)
    .join('')
}

function printValue(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n'
    return `\n${value.map((item) => printItem(item, indent)).join('')}`
  }
  if (isMapping(value)) {
    const inside = printMapping(value, `${indent}  `)
    return inside === '' ? ' {}\n' : `\n${inside}`
  }
  if (typeof value === 'string' && value.includes('\n')) {
    const lines = value.trimEnd().split('\n')
    return ` |\n${lines.map((line) => `${indent}  ${line}\n`).join('')}`
  }
  return ` ${printScalar(value)}\n`
}

/** A list stands in the column of its key. */
function printItem(item: unknown, indent: string): string {
  if (isMapping(item)) return `${indent}- ${printMapping(item, `${indent}  `).slice(indent.length + 2)}`
  return `${indent}- ${printScalar(item)}\n`
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function printScalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[A-Za-z/][\w./-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
