import { type AliasPattern, type Complaint, family } from '../declare.js'
import { bool, textOf } from '../kinds/kinds.js'

/** ALI-1..ALI-7, RED-6, RED-7. Source: annotations.md sections 1 and 17. */
export const otherNames = family({
  name: 'other-names',
  title: 'Other names of a host',
  doc: 'Names that a host answers to besides its own, and the name with or without www. from which it is redirected to.',
  annotations: {
    'server-alias': {
      kind: textOf(
        'host names, comma separated; *.name stands for one label before it, name.* for any after it, ~ begins a regular expression',
        'A-Za-z0-9/\\-._~:^$\\[\\](){}*+?|&=\\\\, ',
      ),
      doc: 'Further names of every host of the Ingress, with the same paths; a name that is a host of some Ingress stays that host. Names that only a name.* or a regular expression (PCRE, searched) covers have the default certificate.',
      effect: 'host',
      risk: 'high',
      bad: 'refuse',
      fallback: '-',
      example: 'shop.example.org, *.shop.example.com, ~^shop-[0-9]+\\.example\\.net$',
    },
    'from-to-www-redirect': {
      kind: bool,
      doc: 'The name with www. is redirected to the host, or the name without it where the host of the Ingress begins with www.',
      effect: 'host',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: (values) => {
    const items = itemsOf(values['server-alias'] ?? '')
    const names = items.flatMap(namesOf)
    const patterns = items.flatMap(patternsOf).sort(byText)
    const used = patterns.slice(0, MOST_PATTERNS)
    const redirect = values['from-to-www-redirect'] === true
    return {
      names: {
        ...(names.length === 0 ? {} : { aliases: [...new Set(names)].sort() }),
        ...(used.length === 0 ? {} : { patterns: used }),
        ...(redirect ? { wwwRedirect: true } : {}),
      },
      patterns: used.map(({ pattern }) => ({ annotation: 'server-alias', pattern, instead: 'No name matches it.' })),
      complaints: [
        ...items.filter((item) => namesOf(item).length === 0 && patternsOf(item).length === 0).map(complaintAbout),
        ...patterns.slice(MOST_PATTERNS).map(tooMany),
      ],
    }
  },
})

/** Every name that nobody declares is tried against all of them. */
const MOST_PATTERNS = 50

/** ALI-2. In a regular expression a letter in upper case may mean something else. */
function itemsOf(text: string): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .map((item) => (item.startsWith('~') ? item : item.toLowerCase()))
  return [...new Set(items)].filter((item) => item !== '')
}

const NAME = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/

/** `.name` is NGINX's word for the name and all below it. */
function namesOf(item: string): readonly string[] {
  if (item.startsWith('.')) return [item.slice(1), `*${item}`].flatMap(namesOf)
  return NAME.test(item) && item.length <= 253 ? [item.replace(/\.$/, '')] : []
}

function patternsOf(item: string): readonly AliasPattern[] {
  if (item.startsWith('~')) return item === '~' ? [] : [{ text: item, pattern: item.slice(1), isWildcard: false }]
  if (!item.endsWith('.*')) return []
  const name = item.slice(0, -1)
  const isName = !name.startsWith('*') && namesOf(name).length === 1
  return isName ? [{ text: item, pattern: `^${name.replaceAll('.', '\\.')}`, isWildcard: true }] : []
}

function byText({ text: a }: AliasPattern, { text: b }: AliasPattern): number {
  return a < b ? -1 : 1
}

function complaintAbout(item: string): Complaint {
  const message = `${JSON.stringify(item.slice(0, 100))} is neither a host name nor *.name, name.* or ~ and a regular expression; one with a comma cannot be written here.`
  return { annotation: 'server-alias', message, instead: 'off' }
}

function tooMany({ text }: AliasPattern): Complaint {
  const message = `${JSON.stringify(text.slice(0, 100))} is one too many: ${MOST_PATTERNS} regular expressions and name.* of one Ingress are served.`
  return { annotation: 'server-alias', message, instead: 'off' }
}
