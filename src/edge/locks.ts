import { pause } from './pause.js'
import { sweep } from './sweep.js'

/** A worker that is killed while it holds a lock holds up its client for this long. */
const LOCK_SECONDS = 1
const SPINS = 200
const ROUNDS = 1500

/**
 * undefined: this worker has it. The first try is before the loop, at which LuaJIT would give up compiling the request.
 *
 * @param name that of the dictionary
 */
export function acquire(name: string, dictionary: SharedDictionary, lock: string): string | undefined {
  const [ok] = dictionary.safe_add(lock, 1, LOCK_SECONDS)
  return ok === true ? undefined : wait(name, dictionary, lock)
}

/** Others hold one for less than a microsecond, unless the machine takes them off its core. */
function wait(name: string, dictionary: SharedDictionary, lock: string): string | undefined {
  for (let round = 0; round < ROUNDS; round++) {
    for (let spin = 0; spin < SPINS; spin++) {
      const [ok, reason] = dictionary.safe_add(lock, 1, LOCK_SECONDS)
      if (ok === true) return undefined
      if (reason !== 'exists') return retryAfterSweep(name, dictionary, lock, reason)
    }
    pause()
  }
  return 'the lock of a client is not given back'
}

function retryAfterSweep(
  name: string,
  dictionary: SharedDictionary,
  lock: string,
  problem: string | undefined,
): string | undefined {
  if (!sweep(name, dictionary)) return problem ?? 'unknown'
  const [ok, reason] = dictionary.safe_add(lock, 1, LOCK_SECONDS)
  return ok === true ? undefined : (reason ?? 'unknown')
}
