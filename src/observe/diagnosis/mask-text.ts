import type { Vocabulary } from './vocabulary.js'

/** What stands for what is not shown. */
export const MASK = '…'

/**
 * A line of a log without what clients and users wrote: of the text between quotes only known names, of everything else known
 * words and short numbers.
 */
export function maskText(text: string, vocabulary: Vocabulary): string {
  return text
    .split(QUOTED)
    .map((piece, i) => (i % 2 === 0 ? maskWords(piece, vocabulary) : maskQuoted(piece, vocabulary)))
    .join('')
}

/** Between double quotes, as JSON and NGINX write them; one that is not closed goes to the end. */
const QUOTED = /("(?:[^"\\]|\\.)*(?:"|$))/s

const LONGEST_NUMBER = 5

function maskWords(text: string, { hasWord }: Vocabulary): string {
  // Not \w: a letter outside of ASCII belongs to the word.
  const masked = text.replace(/[\p{L}\p{N}_]+/gu, (word) => {
    const isNumber = /^\d+$/.test(word) && word.length <= LONGEST_NUMBER
    return isNumber || word === '_' || hasWord(word) ? word : MASK
  })
  return masked.replace(/…(?:[^\s…,;()[\]]{0,3}…)+/g, MASK)
}

function maskQuoted(quoted: string, { hasName }: Vocabulary): string {
  const inside = quoted.slice(1, quoted.endsWith('"') && quoted.length > 1 ? -1 : undefined)
  if (inside === '' || hasName(inside)) return `"${inside}"`
  const request = /^([A-Z]{3,7}) .* (HTTP\/\d(?:\.\d)?)$/s.exec(inside)
  if (request !== null) return `"${request[1]} ${MASK} ${request[2]}"`
  const backend = /^(?:https?|grpcs?|fastcgi):\/\/(?:[\d.]{7,15}|\[[0-9a-f:]{2,39}\]):\d{1,5}(?=\/|$)/.exec(inside)
  return `"${backend === null ? '' : `${backend[0]}/`}${MASK}"`
}

/** A line of NGINX's error log: the same, without the addresses of clients. */
export function maskErrorLine(line: string, vocabulary: Vocabulary): string {
  const [head = ''] = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[[a-z]+\] \d+#\d+: (?:\*\d+ )?/.exec(line) ?? []
  const rest = line.slice(head.length).replace(/\bclient: [^,]*/g, `client: ${MASK}`)
  return head + maskText(rest, vocabulary)
}
