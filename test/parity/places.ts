import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files in whose test names rules are named, by rule; paths below `root`. */
export function placesByRule(root: string): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, Set<string>>()
  for (const file of testFiles(root)) {
    for (const rule of rulesIn(namesIn(file, readFileSync(join(root, file), 'utf8')))) {
      const known = places.get(rule) ?? new Set()
      places.set(rule, known.add(file))
    }
  }
  return new Map([...places].map(([rule, files]) => [rule, [...files]]))
}

/** Which files use each of these names, as whole words outside of comments. */
export function placesByName(root: string, names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const file of [...testFiles(root), EFFECTS].filter((name) => !OF_SERVICES.test(name))) {
    const text = withoutComments(file, readFileSync(join(root, file), 'utf8'))
    for (const word of new Set(text.match(/[a-z0-9-]+/g))) places.get(word)?.push(file)
  }
  return places
}

/** Services of type LoadBalancer have annotations of their own. */
const OF_SERVICES = /loadbalancer|\/cloud\//

/** Key by key, what `effects.test.ts` holds it to. */
const EFFECTS = 'test/configmap/effects.txt'

function testFiles(root: string): readonly string[] {
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') || name.endsWith('.case'))
      .map((name) => join(folder, name))
      .toSorted(),
  )
}

/** The title of a case; of a test file, its texts: a rule in a comment shows nothing. */
function namesIn(file: string, text: string): string {
  if (file.endsWith('.case')) return text.slice(0, text.indexOf('\n'))
  return [...withoutComments(file, text).matchAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g)].map(([quoted]) => quoted).join('\n')
}

function withoutComments(file: string, text: string): string {
  return file.endsWith('.test.ts') ? text.replaceAll(/^\s*(\*|\/\*|\/\/).*$/gm, '') : text
}

/** `PATH-1`, and each of `PATH-5..7`. */
function* rulesIn(text: string): Iterable<string> {
  for (const [, prefix = '', first = '', last] of text.matchAll(
    /\b([A-Z][A-Z0-9]+)-(\d+)(?:\.\.(?:[A-Z]+-)?(\d+))?/g,
  )) {
    for (let number = Number(first); number <= Number(last ?? first) && number < Number(first) + 50; number++)
      yield `${prefix}-${number}`
  }
}
