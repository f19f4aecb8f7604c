import { fileURLToPath } from 'node:url'

/**
 * Of the package, which has `bin`, `dist` and `package.json`: two folders above this file, as source, as compiled and
 * as part of the bundle. Not as the benchmark compiles it, which names such files itself.
 */
const folder = new URL('../../', import.meta.url)

/** A file of the program, by its path in the package such as `dist/lua`. */
export function programUrl(path: string): URL {
  return new URL(path, folder)
}

export function programFile(path: string): string {
  return fileURLToPath(programUrl(path))
}
