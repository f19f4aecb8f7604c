import type { TextPart } from '../../model/text-part.js'
import { parseVariables } from '../../request/variables.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { textOf } from '../kinds/kinds.js'
import { unknownVariables } from '../kinds/variables.js'

const characters = textOf('text of letters, digits, -, _, $, { and }, with variables', 'A-Za-z0-9\\-_${}')

/** NGINX would refuse a frame with a variable that it does not know, or with a `$` that begins none. */
export const transactionId: Kind<readonly TextPart[]> = {
  form: characters.form,
  parse: (text) => {
    const allowed = characters.parse(text)
    if (!allowed.ok) return allowed
    if (text.length > 200) return refused('is longer than 200 characters')
    const parts = parseVariables(text)
    const unknown = unknownVariables(text)
    if (unknown.length > 0)
      return refused(`names ${unknown.map((name) => `$${name}`).join(', ')}, which no request has`)
    const odd = parts.some((part) =>
      part.kind === 'text' ? part.text.includes('$') : !/^[a-z][a-z0-9_]*$/.test(part.name),
    )
    return odd ? refused('has a $ that begins no name of a variable in small letters') : parsed(parts)
  },
}

/** As many as fit well into one line of ModSecurity's. */
const MOST_ITEMS = 100

function listOf(
  form: string,
  item: RegExp,
  wrong: (item: string) => string | undefined = () => undefined,
): Kind<readonly string[]> {
  return {
    form,
    parse: (text) => {
      const items = text.split(',').map((one) => one.trim())
      if (items.length > MOST_ITEMS) return refused(`has more than ${MOST_ITEMS} items`)
      const odd = items.find((one) => !item.test(one))
      if (odd !== undefined) return refused(`is no list of ${form}: ${JSON.stringify(odd.slice(0, 60))}`)
      const reason = items.map(wrong).find((one) => one !== undefined)
      return reason === undefined ? parsed([...new Set(items)].sort()) : refused(reason)
    },
  }
}

/** The core rules count with these, and refuse by them: without them they would find everything and refuse nothing. */
const KEPT = [
  [901_000, 901_999],
  [949_000, 949_999],
] as const

export const ruleIds: Kind<readonly string[]> = listOf(
  'numbers of rules, and ranges such as 942100-942199, with commas between them',
  /^[1-9]\d{0,8}(-[1-9]\d{0,8})?$/,
  (item) => {
    const [from = 0, to = from] = item.split('-').map(Number)
    if (from > to) return `has a range that ends before it begins: ${item}`
    const meets = KEPT.some(([first, last]) => from <= last && to >= first)
    return meets
      ? `leaves out rules by which all others count (901000-901999, 949000-949999); modsecurity-mode "DetectionOnly" refuses nothing`
      : undefined
  },
)

/** Tags of those same rules, in versions 3 and 4 of the core rules. */
const KEPT_TAGS = [
  'OWASP_CRS',
  'anomaly-evaluation',
  'application-multi',
  'attack-generic',
  'language-multi',
  'platform-multi',
]

export const ruleTags: Kind<readonly string[]> = listOf(
  'tags of rules such as attack-sqli, with commas between them',
  /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}$/,
  (item) =>
    KEPT_TAGS.includes(item)
      ? `leaves out rules by which all others count, which have the tag ${item} too; modsecurity-remove-rules takes the numbers of others`
      : undefined,
)

export const methods: Kind<readonly string[]> = listOf(
  'methods in capital letters, with commas between them',
  /^[A-Z][A-Z-]{1,29}$/,
)

export const rawRules: Kind<'raw'> = { form: 'raw rules, which are never used', parse: () => parsed('raw') }
