/** A line of a scrape. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads both text formats; throws for a line that is in neither. */
export function parseScrape(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [parseLine(line)]))
}

/** `NAME KIND` of each family, in order. */
export function familiesOf(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => `${name} ${kind}`)
}

export async function scrape(port: number, accept = '*/*'): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } })
  if (answer.status !== 200) throw new Error(`the scrape is answered with ${answer.status}`)
  return answer.text()
}

/** The sum of the samples of this name with these labels. */
export function total(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samplesOf(samples, name, labels).reduce((sum, { value }) => sum + value, 0)
}

export function samplesOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  return samples.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )
}

function parseLine(line: string): Sample {
  const [, name, labels = '', value] =
    /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? ([-+0-9.eE]+|NaN|[+-]Inf)(?: # \{[^}]*\} \S+ \S+)?$/.exec(
      line,
    ) ?? []
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`)
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\.)*)"/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, unescape(text)])),
    value: Number(value.replace('Inf', 'Infinity')),
  }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}
