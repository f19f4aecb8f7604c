import { type Kind, parsed, refused } from '../features/kinds/kind.js'

/**
 * A host, a wildcard for everything below a name, or `*` for all that no other line names; and the namespaces that may
 * use it.
 */
export interface OwnedHost {
  /** In lower case: `shop.example.com`, `*.example.com`, `*`. */
  readonly host: string
  /** In order; empty: nobody may use it. */
  readonly owners: readonly string[]
}

/** `HOST: NAMESPACE, NAMESPACE`, one line for each host. */
export const hostOwners: Kind<readonly OwnedHost[]> = {
  form: 'lines of a host, a colon, and namespaces with commas between them',
  parse: (text) => {
    const wrong = linesOf(text).find((line) => readLine(line)?.isWhole !== true)
    return wrong === undefined
      ? parsed(readableOwners(text))
      : refused(`holds the line ${JSON.stringify(wrong)}, which is not such as "shop.example.com: shop, shop-preview"`)
  },
}

/**
 * What can be read of such a text; a host of which no owner can be read belongs to nobody. Of two lines for one host,
 * both hold.
 */
export function readableOwners(text: string): readonly OwnedHost[] {
  const owners = new Map<string, ReadonlySet<string>>()
  for (const line of linesOf(text)) {
    const read = readLine(line)
    if (read !== undefined) owners.set(read.host, new Set([...(owners.get(read.host) ?? []), ...read.owners]))
  }
  return [...owners]
    .map(([host, namespaces]) => ({ host, owners: [...namespaces].sort() }))
    .sort((a, b) => (a.host < b.host ? -1 : 1))
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^(\\*|(\\*\\.)?${LABEL}(\\.${LABEL})*)$`)
const NAMESPACE = new RegExp(`^${LABEL}$`)

function readLine(line: string): (OwnedHost & { readonly isWhole: boolean }) | undefined {
  const [name = '', ...rest] = line.split(':')
  const host = name.trim().toLowerCase().replace(/\.$/, '')
  if (!HOST.test(host) || host.length > 253) return undefined
  const named = rest
    .join(':')
    .split(',')
    .map((one) => one.trim())
  const owners = named.filter((one) => NAMESPACE.test(one))
  return { host, owners, isWhole: owners.length === named.length }
}
