import { type Kind, parsed, refused } from '../kinds/kind.js'

/** Longer texts are not read: each is searched for its parts. */
const LONGEST = 4096

/** `new: header("user", /^(a|b)$/)`, as one rule for a Service. */
export interface MatchText {
  readonly service: string
  readonly of: 'header' | 'cookie' | 'query'
  readonly name: string
  readonly test: 'equals' | 'pattern'
  readonly value: string
}

/** `new: 20`. */
export interface WeightText {
  readonly service: string
  readonly weight: number
}

/** A value ends at the first slash or quotation mark that closes its rule, so that patterns may hold `)`. */
const RULE =
  /\s*([^\s:,."()]+)\s*:\s*(header|cookie|query)\s*\(\s*"([^"]+)"\s*,\s*(?:\/(.+?)\/|"(.+?)")\s*\)\s*(?:,|(?=\n)|$)/y

/** Rules for Services, with commas or line ends between them; the last for a Service counts. */
export const matchTexts: Kind<readonly MatchText[]> = {
  form: 'SERVICE: header, cookie or query("NAME", /REGEX/ or "TEXT")',
  parse: (text) => {
    if (text.length > LONGEST) return refused(`is longer than ${LONGEST} characters`)
    // oxlint-disable-next-line no-control-regex -- the range is the point
    if (/[^\n\x20-\x7e]/.test(text)) return refused('holds characters other than those of ASCII')
    const rules = new Map<string, MatchText>()
    const pattern = new RegExp(RULE)
    const end = text.trimEnd().length
    while (pattern.lastIndex < end) {
      const at = pattern.lastIndex
      const [, service, of, name, searched, exact] = pattern.exec(text) ?? []
      const value = searched ?? exact
      if (service === undefined || name === undefined || value === undefined || !isPlace(of))
        return refused(`has no rule such as new: header("user", /^test/) at ${JSON.stringify(text.slice(at, at + 40))}`)
      if (/\n/.test(name + value)) return refused('has a line end inside a rule')
      rules.delete(service)
      rules.set(service, { service, of, name, test: searched === undefined ? 'equals' : 'pattern', value })
    }
    return parsed([...rules.values()])
  },
}

function isPlace(text: string | undefined): text is MatchText['of'] {
  return text === 'header' || text === 'cookie' || text === 'query'
}

/** One weight or two; a Service that is not named has 100. */
export const weightTexts: Kind<readonly WeightText[]> = {
  form: 'SERVICE: NUMBER, SERVICE: NUMBER',
  parse: (text) => {
    if (text.length > LONGEST) return refused(`is longer than ${LONGEST} characters`)
    const weights = new Map<string, WeightText>()
    for (const part of text.split(/[,\n]/)) {
      if (part.trim() === '') continue
      const [, service, digits] = /^\s*([^\s:,."()]+)\s*:\s*([+-]?\d{1,9})\s*$/.exec(part) ?? []
      if (service === undefined || digits === undefined)
        return refused(`has no weight such as new: 20 at ${JSON.stringify(part.trim().slice(0, 40))}`)
      weights.set(service, { service, weight: Number(digits) })
    }
    return weights.size > 2 ? refused('names more than two Services') : parsed([...weights.values()])
  },
}
