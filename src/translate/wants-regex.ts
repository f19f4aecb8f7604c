import type { PathContext } from '../features/declare.js'
import type { ReadFeatures } from '../features/read.js'

/** RW-4: the Ingress asks for regular expressions, or rewrites the path. GEN-17: a catch-all does neither. */
export function wantsRegex(path: PathContext, { paths, route }: Pick<ReadFeatures, 'paths' | 'route'>): boolean {
  if (path.match === 'catch-all') return false
  return paths?.regex === true || route(path)?.rewrite !== undefined
}
