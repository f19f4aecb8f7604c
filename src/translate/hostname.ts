/** A host as the table spells it, or what is wrong with it. */
export type ParsedHost =
  | { readonly kind: 'default' }
  | { readonly kind: 'exact'; readonly name: string }
  | { readonly kind: 'wildcard'; readonly name: string; readonly parent: string }
  | { readonly kind: 'invalid'; readonly reason: string }

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/**
 * Reads `rules[].host`: a DNS-1123 subdomain, perhaps with `*` as its first label; upper case and one final dot are
 * tolerated, because requests are compared without them (HOST-2).
 */
export function parseHost(text: string): ParsedHost {
  if (text === '') return { kind: 'default' }
  const name = text.toLowerCase().replace(/\.$/, '')
  if (name.length > 253) return { kind: 'invalid', reason: 'it is longer than 253 characters' }
  const wildcard = name.startsWith('*.')
  const labels = (wildcard ? name.slice(2) : name).split('.')
  if (wildcard && labels.length === 1 && labels[0] === '') return { kind: 'invalid', reason: 'a name must follow "*."' }
  const bad = labels.find((label) => label.length > 63 || !LABEL.test(label))
  if (bad !== undefined) return { kind: 'invalid', reason: reasonOf(bad) }
  return wildcard ? { kind: 'wildcard', name, parent: name.slice(2) } : { kind: 'exact', name }
}

function reasonOf(label: string): string {
  if (label === '') return 'a label between two dots is empty'
  if (label.includes('*')) return '"*" may only be the whole first label, as in *.example.com'
  if (label.length > 63) return 'a label is longer than 63 characters'
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  if (/[^\x00-\x7f]/.test(label)) return 'it holds characters outside ASCII; write the punycode form (xn--…)'
  return `${JSON.stringify(label)} is not a DNS label of letters, digits and hyphens`
}
