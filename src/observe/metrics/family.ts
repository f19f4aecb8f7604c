import { header, printLabels, type Form, type Kind, type Labels } from './text.js'

/** A metric with all its samples, as they are when it is printed. */
export interface Family {
  readonly name: string
  readonly kind: Kind
  readonly help: string
  readonly samples: Iterable<Value>
}

export interface Value {
  readonly labels: Labels
  readonly value: number
  /** Behind the name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string
}

const PIECE = 131_072

/** Their text in pieces, between which others have their turn. A family without samples is not mentioned. */
export function* printFamilies(families: Iterable<Family>, form: Form): Generator<string, undefined> {
  let text = ''
  for (const { name, kind, help, samples } of families) {
    let isNamed = false
    for (const { labels, value, suffix = '' } of samples) {
      if (!isNamed) text += header(name, kind, help, form)
      isNamed = true
      const list = printLabels(labels)
      text += `${name}${suffix}${list === '' ? '' : `{${list}}`} ${value}\n`
      if (text.length < PIECE) continue
      yield text
      text = ''
    }
  }
  yield text
  return undefined
}

export function gauge(name: string, help: string, value: number | undefined, labels: Labels = []): Family {
  return { name, kind: 'gauge', help, samples: value === undefined ? [] : [{ labels, value }] }
}

export function counter(name: string, help: string, value: number | undefined, labels: Labels = []): Family {
  return { name, kind: 'counter', help, samples: value === undefined ? [] : [{ labels, value }] }
}

/** One sample for each entry, which says the value of one label. */
export function byLabel(
  name: string,
  kind: 'counter' | 'gauge',
  help: string,
  label: string,
  values: Iterable<readonly [string, number]>,
  labels: Labels = [],
): Family {
  return {
    name,
    kind,
    help,
    samples: [...values].map(([text, value]) => ({ labels: [...labels, [label, text]], value })),
  }
}
