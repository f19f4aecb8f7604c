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
  const code = text.replaceAll(/^\s*(\*|\/\*|\/\/).*$/gm, '')
  return [...code.matchAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g)].map(([quoted]) => quoted).join('\n')
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
