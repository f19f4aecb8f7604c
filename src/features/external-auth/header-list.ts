import { type Kind, parsed, refused } from '../kinds/kind.js'

/** Names of headers with commas between them; empty items do not count. */
export const headerNames: Kind<readonly string[]> = {
  form: 'header names, with commas between them',
  parse: (text) => {
    const names = text.split(',').map((name) => name.trim())
    const wrong = names.find((name) => !/^[A-Za-z0-9_-]*$/.test(name))
    if (wrong !== undefined) return refused(`holds ${JSON.stringify(wrong)}, which is no name of a header`)
    const given = names.filter((name) => name !== '')
    return given.length === 0 ? refused('names no header') : parsed(given)
  },
}
