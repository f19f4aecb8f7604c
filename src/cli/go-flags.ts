import { InvalidArgumentError, Option } from 'commander'
import { parseBoolean } from '../features/kinds/boolean.js'

/**
 * Flags written as ingress-nginx takes them (Go's pflag): a switch is on by its bare name, `--x=false` puts it off, and the
 * word behind a bare switch is not its value. Arguments come back in the form that commander reads the same way.
 */
export function normaliseArguments(words: readonly string[], switches: ReadonlySet<string>): string[] {
  const end = words.indexOf('--')
  const flags = end === -1 ? words : words.slice(0, end)
  return [...flags.map((word) => normaliseWord(word, switches)), ...(end === -1 ? [] : words.slice(end))]
}

function normaliseWord(word: string, switches: ReadonlySet<string>): string {
  if (word.startsWith('-v=')) return `--v=${word.slice(3)}`
  return word.startsWith('--') && switches.has(word.slice(2)) ? `${word}=true` : word
}

/** The names of those that `goSwitch` made. commander takes any bracket for an optional value, also one in `<a[:b]>`. */
export function switchesOf(options: readonly Option[]): ReadonlySet<string> {
  return new Set(
    options.filter(({ optional, required }) => optional && !required).map(({ long }) => long?.slice(2) ?? ''),
  )
}

/** Flags that do not exist lose their value: commander finds the nearest one for `--nam`, but not for `--nam=value`. */
export function nameUnknownFlags(words: readonly string[], known: ReadonlySet<string | undefined>): string[] {
  const end = words.indexOf('--')
  return words.map((word, index) => {
    const [name = '', value] = splitOnce(word)
    const isFlag = word.startsWith('--') && (end === -1 || index < end)
    return isFlag && value !== undefined && !known.has(name) ? name : word
  })
}

function splitOnce(word: string): readonly string[] {
  const at = word.indexOf('=')
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

/** A switch of Go's pflag. Values are those of strconv.ParseBool (GEN: section 0.3 of the annotations has the same list). */
export function goSwitch(name: string, description: string, standard = false): Option {
  const option = new Option(`--${name} [boolean]`, description).argParser(parseGoBoolean)
  return standard ? option.default(true) : option
}

/** For commander. */
export function parseGoBoolean(text: string): boolean {
  const parsed = parseBoolean(text)
  if (parsed === undefined) throw new InvalidArgumentError('Write true or false.')
  return parsed
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A duration of Go such as `30s` or `1m30s`, in milliseconds. Source: Go's time.ParseDuration, without units below ms. */
export function parseGoDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (text !== '0' && (parts.length === 0 || parts.map(([part]) => part).join('') !== text))
    throw new InvalidArgumentError('A duration is needed, such as 30s or 1m30s.')
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0)
}
