import { config } from './config.js'
import { variables } from './variables.js'

/** Bytes of chance in the ids of a worker: 16, as many as there are in an id of NGINX's own. */
const SECRET_BYTES = 16

let secret: string | undefined
let count = 0

/** To be called in each worker: they are copies of one process. Where the machine gives no chance NGINX makes the ids itself. */
export function prepareRequestIds(): void {
  const [file] = io.open('/dev/urandom', 'rb')
  if (file === undefined) return
  const text = file.read(SECRET_BYTES)
  file.close()
  if (text !== undefined && text.length === SECRET_BYTES) secret = text
}

/**
 * Gives the request an id of 32 hexadecimal digits, which nobody guesses who does not know the secret. NGINX's `$request_id`
 * costs a system call and three times as many instructions; it is what requests have that are not proxied.
 */
export function makeRequestId(): void {
  if (secret === undefined || !config().request_ids) return
  count++
  variables['made_id'] = ngx.md5(`${secret}${count}`)
}
