import { addUse } from '../request/nonce-uses.js'
import type { NonceUse } from '../request/port.js'
import { acquire } from './locks.js'
import { tellRefused } from './refused.js'

/** Uses of the nonces of digest authentication, one entry for each that somebody logged in with, for all workers. */
function dictionary(): SharedDictionary {
  return ngx.shared.fairlead_nonces
}

/** Read, decided and written under a lock, so that no two workers take the same count. */
export function useNonce(nonce: string, count: number, seconds: number): NonceUse {
  const lock = `l ${nonce}`
  const problem = acquire('fairlead_nonces', dictionary(), lock)
  if (problem !== undefined) return full(problem)
  const uses = addUse(dictionary().get(nonce) as number | undefined, count) // only this file writes here
  const failure = uses === undefined ? undefined : write(nonce, uses, seconds)
  dictionary().delete(lock)
  if (failure !== undefined) return full(failure)
  return uses === undefined ? 'again' : 'first'
}

function write(nonce: string, uses: number, seconds: number): string | undefined {
  const [ok, reason] = dictionary().safe_set(nonce, uses, seconds)
  return ok === true ? undefined : (reason ?? 'unknown')
}

function full(problem: string): NonceUse {
  tellRefused('the nonce of a login cannot be remembered', problem)
  return 'full'
}
