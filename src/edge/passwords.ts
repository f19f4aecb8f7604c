import type { PasswordCheck } from '../request/port.js'
import { verifyQuick, type Verified } from './password-hash.js'
import { verifyInTurn } from './password-queue.js'
import { tellRefused } from './refused.js'
import { secretName } from './secret.js'

/** Longer ones no libcrypt takes (CRYPT_MAX_PASSPHRASE_SIZE of libxcrypt). */
const LONGEST = 511

/**
 * Whether a password is the one of a hash. What was right is remembered by all workers, for an hour, under a name that only
 * this NGINX can make of user, password and hash: a Secret that changes makes other names.
 */
export function checkPassword(queue: string, user: string, password: string, hash: string): PasswordCheck {
  const quick = verifyQuick(password, hash)
  if (quick !== undefined) return quick
  if (password.length > LONGEST) return 'wrong'
  const key = secretName(`login ${user.length} ${password.length} ${user}${password}${hash}`)
  if (key === undefined) return unable()
  if (ngx.shared.fairlead_logins.get(key) !== undefined) return 'right'
  if (recent[key] === true || earlier[key] === true) return 'wrong'
  return verifyInTurn(queue, key, password, hash, remember)
}

const REMEMBERED_SECONDS = 3600

/** Wrong ones, so that who repeats one costs nothing; by each worker, and no more than twice as many. */
const MOST_WRONG = 1000
let recent: Record<string, true | undefined> = {}
let earlier: Record<string, true | undefined> = {}
let count = 0

function remember(key: string, outcome: Verified): void {
  // Only who knows a password makes an entry; the oldest one makes room.
  if (outcome === 'right') ngx.shared.fairlead_logins.set(key, 1, REMEMBERED_SECONDS)
  if (outcome !== 'wrong') return
  if (count >= MOST_WRONG) {
    earlier = recent
    recent = {}
    count = 0
  }
  recent[key] = true
  count++
}

function unable(): PasswordCheck {
  tellRefused('the hash of a password cannot be made', 'there is no key to remember it by')
  return 'failed'
}
