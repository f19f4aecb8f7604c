/** What decides which names are asked for. */
export interface SearchRules {
  readonly search: readonly string[]
  readonly ndots: number
}

/** Reads the search rules of a resolv.conf (resolv.conf(5)): the last `search` or `domain` line counts; ndots is 1. */
export function parseSearchRules(text: string): SearchRules {
  let search: readonly string[] = []
  let ndots = 1
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'search') search = words
    if (keyword === 'domain') search = words.slice(0, 1)
    if (keyword !== 'options') continue
    for (const word of words) {
      const dots = /^ndots:(\d{1,2})$/.exec(word)?.[1]
      if (dots !== undefined) ndots = Math.min(15, Number(dots))
    }
  }
  return { search: search.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== ''), ndots }
}

/** The full names to ask for, in order: a name with fewer dots than ndots is first tried below the search domains. */
export function candidateNames(name: string, { search, ndots }: SearchRules): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const below = search.map((domain) => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...below] : [...below, name]
}
