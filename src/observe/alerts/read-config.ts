import { LineCounter, parseDocument, type Document } from 'yaml'
import { isMap, LABELS, labelsOf, openEntry, TEXT, textOf, type Complain, type Entry } from './entry.js'
import { readChannel } from './read-channel.js'
import { readRule } from './read-rule.js'
import type { AlertConfig, Channel, ConfigProblem, Rule, Silence } from './rule.js'

export type ReadConfig =
  | { readonly ok: true; readonly config: AlertConfig }
  /** It is no file of rules at all; a sentence. */
  | { readonly ok: false; readonly message: string }

const MOST = { rules: 200, channels: 50, silences: 500 } as const
const NAME = /^[A-Za-z0-9](?:[\w .:/-]{0,78}[\w.:/-])?$/
const NAMES = 'a text of at most 80 letters, digits, blanks and . : / _ -, that begins with a letter or digit'

/**
 * Reads a file of rules, channels and silences (docs/alerts.md). What is wrong with one entry leaves out that entry;
 * problems never show values of channels.
 */
export function readConfig(text: string): ReadConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined)
    return { ok: false, message: `Line ${lines.linePos(error.pos[0]).line} is not YAML: ${error.code}.` }
  let content: unknown
  try {
    content = document.toJS({ mapAsMap: true, maxAliasCount: 100 })
  } catch {
    return { ok: false, message: 'It refers to itself too often (aliases).' }
  }
  if (content === null || content === undefined) content = new Map()
  if (!isMap(content))
    return { ok: false, message: 'It has to be a mapping with rules, channels and silences, each a list.' }
  return { ok: true, config: readWhole(content, document, lines) }
}

function readWhole(content: ReadonlyMap<unknown, unknown>, document: Document, lines: LineCounter): AlertConfig {
  const problems: ConfigProblem[] = []
  const complain: Complain = (problem, path) => {
    const line = lineOf(document, lines, path)
    problems.push({ ...problem, field: printPath(path), ...(line === undefined ? {} : { line }) })
  }
  const whole = openEntry(content, 'the file', [], complain)
  const lists = {
    channels: listIn(whole, 'channels'),
    rules: listIn(whole, 'rules'),
    silences: listIn(whole, 'silences'),
  }
  whole.end()

  const channelNames = new Set<string>()
  const channels = lists.channels.flatMap((map, i): readonly Channel[] => {
    const path = ['channels', i] as const
    const named = openNamed('channel', map, path, channelNames, complain)
    const channel = named === undefined ? undefined : readChannel(named.entry, named.name, path, complain)
    return channel === undefined ? [] : [channel]
  })
  const names = new Set<string>()
  const rules = lists.rules.flatMap((map, i): readonly Rule[] => {
    const named = openNamed('rule', map, ['rules', i], names, complain)
    const rule = named === undefined ? undefined : readRule(named.entry, named.name, channelNames)
    return rule === undefined ? [] : [rule]
  })
  const silences = lists.silences.flatMap((map, i): readonly Silence[] => {
    const path = ['silences', i]
    const subject = `silence ${i + 1}`
    if (!isMap(map)) {
      complain({ subject, message: 'It has to be a mapping.' }, path)
      return []
    }
    const silence = readSilence(openEntry(map, subject, path, complain))
    return silence === undefined ? [] : [silence]
  })
  return { rules, channels, silences, problems, names, channelNames }
}

function listIn(whole: Entry, field: keyof typeof MOST): readonly unknown[] {
  const most = MOST[field]
  const list = whole.read(
    field,
    (value): readonly unknown[] | undefined =>
      value === null ? [] : Array.isArray(value) && value.length <= most ? (value as readonly unknown[]) : undefined, // of anything
    `a list of at most ${most}`,
  )
  return list ?? []
}

function openNamed(
  kind: 'rule' | 'channel',
  map: unknown,
  path: readonly [string, number],
  names: Set<string>,
  complain: Complain,
): { readonly entry: Entry; readonly name: string } | undefined {
  const number = `${kind} ${path[1] + 1}`
  if (!isMap(map)) {
    complain({ subject: number, message: 'It has to be a mapping.' }, path)
    return undefined
  }
  const given = map.get('name')
  const name = typeof given === 'string' && NAME.test(given) ? given : undefined
  const entry = openEntry(map, name === undefined ? number : `${kind} "${name}"`, path, complain)
  entry.need('name', () => name, NAMES)
  if (name === undefined) return undefined
  if (names.has(name)) {
    entry.refuse('name', `Another ${kind} before it has this name; names have to differ.`)
    return undefined
  }
  names.add(name)
  return { entry, name }
}

function readSilence(entry: Entry): Silence | undefined {
  const match = entry.need(
    'match',
    (value) => nonEmpty(labelsOf(value)),
    `${LABELS}, in which * is any text; rule and severity are such names as well`,
  )
  const until = entry.need('until', timeOf, TIME)
  const from = entry.read('from', timeOf, TIME)
  const comment = entry.read('comment', textOf, TEXT) ?? ''
  if (!entry.end() || match === undefined || until === undefined) return undefined
  return { match, from: from ?? 0, until, comment }
}

const TIME = 'a time with its zone, such as 2026-12-24T18:00:00Z'

function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

function printPath(path: readonly (string | number)[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')
}

function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) continue
    const [at]: readonly unknown[] = node.range
    if (typeof at === 'number') return lines.linePos(at).line
  }
  return undefined
}
