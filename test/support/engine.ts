import { findEngine, fetchedPrefixes, inspectPrefix } from '../../src/apply/engine/find.js'
import type { Engine } from '../../src/apply/engine/engine.js'

/** The NGINX that Fairlead itself would take on this machine. */
export async function theEngine(): Promise<Engine> {
  const found = await findEngine()
  if (!found.ok) throw new Error(`This test needs an NGINX; run make engine first. ${found.message}`)
  return found.engine
}

/**
 * Every fetched engine, the newest first, so that a test can run on the default and on the oldest one (engine/fetch --all
 * fetches both); if none was fetched, the one that Fairlead would take.
 */
export async function enginesForTests(): Promise<readonly Engine[]> {
  if (process.env['FAIRLEAD_NGINX'] !== undefined) return [await theEngine()]
  const engines: Engine[] = []
  for (const prefix of await fetchedPrefixes(process.env)) {
    const found = await inspectPrefix(prefix, process.arch)
    if (!found.ok) throw new Error(`A fetched engine does not work; engine/fetch --refresh may help. ${found.message}`)
    engines.push(found.engine)
  }
  return engines.length === 0 ? [await theEngine()] : engines
}
