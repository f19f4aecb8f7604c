import type { Action, Route } from '../model/documents.js'
import { escapePath } from '../request/escape.js'

/** PATH-2: a Prefix written as `/aaa/` answers `/aaa` with a redirect, unless somebody declared that path. */
export function addSlashRedirects(exact: Record<string, Route>, prefix: Readonly<Record<string, Route>>): void {
  for (const path of Object.keys(prefix)) {
    if (!path.endsWith('/')) continue
    const bare = path.slice(0, -1)
    if (exact[bare] !== undefined || prefix[bare] !== undefined) continue
    const { labels } = prefix[path] ?? {}
    const action: Action = { kind: 'redirect', status: 301, path: escapePath(path) }
    exact[bare] = { path, match: 'slash', action, ...(labels === undefined ? {} : { labels }) }
  }
}

/** Same keys in byte order, so that the order of the input leaves no trace in the bytes. */
export function inOrder(paths: Readonly<Record<string, Route>>): Record<string, Route> {
  const keys = Object.keys(paths)
  if (keys.length < 2) return paths
  return Object.fromEntries(keys.sort().flatMap((key) => (paths[key] === undefined ? [] : [[key, paths[key]]])))
}
