import { findEngine } from '../apply/engine/find.js'
import { createPatternHelper, type PatternHelper } from '../apply/engine/patterns.js'

/** PCRE2 of the engine on this machine, which is looked for and started at the first question; stopped when `use` is over. */
export async function withPatternEngine<T>(use: (helper: PatternHelper) => Promise<T>): Promise<T> {
  let found: Promise<PatternHelper> | undefined
  const helper = (): Promise<PatternHelper> => (found ??= openHelper())
  try {
    return await use({
      compile: async (patterns) => (await helper()).compile(patterns),
      match: async (questions) => (await helper()).match(questions),
      stop: () => Promise.resolve(),
    })
  } finally {
    await (await found)?.stop()
  }
}

async function openHelper(): Promise<PatternHelper> {
  const engine = await findEngine()
  if (engine.ok) return createPatternHelper(engine.engine)
  const nothing = { ok: false, cause: engine.message } as const
  return {
    compile: () => Promise.resolve(nothing),
    match: () => Promise.resolve(nothing),
    stop: () => Promise.resolve(),
  }
}
