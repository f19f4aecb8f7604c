import * as ffi from 'ffi'
import { type Verified, verifySlow } from './password-hash.js'

ffi.cdef('int setpriority(int which, unsigned int who, int priority);')

const NICENESS = 10
let isNice = false

/** What `ngx.run_worker_thread` calls by its name: the hash is made in the thread, which the workers go before. */
export function verify(password: string, hash: string): Verified {
  // Linux has a priority for each thread; 0, 0 is the one that asks.
  if (!isNice) ffi.C.setpriority(0, 0, NICENESS)
  isNice = true
  return verifySlow(password, hash)
}
