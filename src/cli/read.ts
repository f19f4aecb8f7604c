import { resolve } from 'node:path'
import type { PatternHelper } from '../apply/engine/patterns.js'
import { createPatternJudge } from '../controller/pattern-judge.js'
import type { Problem } from '../problems/problem.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { readFolder } from '../sources/files/index.js'
import { translate, type Translation, unjudgedPatterns } from '../translate/translate.js'
import { createSelfSigned } from '../controller/self-signed.js'
import { givenZone, translateOptionsOf, type TranslationFlags } from './flags.js'

export interface Manifests {
  readonly snapshot: Snapshot
  readonly translation: Translation
  readonly problems: readonly Problem[]
}

/**
 * Reads and translates a folder once, for commands that only answer. A sentence instead when it cannot be read. The helper
 * is asked only where paths are regular expressions.
 */
export async function readManifests(
  path: string,
  flags: TranslationFlags,
  helper: Pick<PatternHelper, 'compile'>,
): Promise<Manifests | string> {
  const read = await readFolder({
    folder: resolve(path),
    endpoints: flags.endpoints,
    zone: givenZone(flags),
    log: () => undefined,
  })
  if (!read.ok) return read.message
  const now = Date.now()
  const { certificate, key } = createSelfSigned({
    commonName: 'fairlead',
    organization: 'fairlead',
    names: [],
    days: 1,
    now,
  })
  const judge = createPatternJudge(helper)
  const options = translateOptionsOf({ ...flags, manifests: path })
  const translated = (previous?: Translation): Translation => {
    const surroundings = { fallbackCertificate: { chain: certificate, key }, now, verdicts: judge.verdicts() }
    return translate(read.snapshot, options, surroundings, previous)
  }
  const untried = translated()
  const patterns = unjudgedPatterns(untried)
  // Why nobody could try them is said by a problem of each.
  const translation = patterns.length > 0 && (await judge.learn(patterns)) === undefined ? translated(untried) : untried
  return { snapshot: read.snapshot, translation, problems: [...read.problems, ...translation.problems] }
}

export function failToRead(message: string): void {
  process.stderr.write(`fairlead: ${message}\n`)
  process.exitCode = 2
}
