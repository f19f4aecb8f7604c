import * as ffi from 'ffi'
import { get_request } from 'resty.core.base'

/**
 * Questions to services that this worker waits for. Bounded, so that one that hangs does not take every connection. A
 * request may end while it waits: its client goes, or Lua fails. NGINX itself counts those
 * (docs/design/external-auth.md).
 */
const MOST_FOR_ONE = 512
const MOST_FOR_ALL = 2048

// NGINX's own structure (ngx_http_cleanup_t); its handlers run when a request is over, however it ends. `sem_post` of
// the C library is one that adds one to a number, without Lua.
ffi.cdef(`
  typedef struct fairlead_cleanup { void (*handler)(void *); void *data; struct fairlead_cleanup *next; } fairlead_cleanup;
  typedef union { char bytes[64]; long align; } fairlead_ended;
  fairlead_cleanup *ngx_http_cleanup_add(ngx_http_request_t *r, size_t size);
  int sem_init(void *semaphore, int shared, unsigned int value);
  int sem_trywait(void *semaphore);
  void sem_post(void *semaphore);
`)

/** Who waits for one service. */
interface Line {
  count: number
  /** How many requests have ended while they waited, since that was last looked at. */
  readonly ended: object
}

const lines: Record<string, Line | undefined> = {}
let total = 0

export interface Ticket {
  readonly service: string
  readonly cleanup: Cleanup
}

/** A ticket to be given back; undefined: too many wait already. */
export function beginWaiting(service: string): Ticket | undefined {
  if (total >= MOST_FOR_ALL) for (const [name] of pairs(lines)) countEnded(name)
  if ((lines[service]?.count ?? 0) >= MOST_FOR_ONE) countEnded(service)
  const line = lines[service] ?? createLine()
  if (total >= MOST_FOR_ALL || line.count >= MOST_FOR_ONE) return undefined
  lines[service] = line
  line.count++
  total++
  const cleanup = ffi.C.ngx_http_cleanup_add(get_request(), 0)
  cleanup.data = line.ended
  cleanup.handler = ffi.C.sem_post
  return { service, cleanup }
}

/** Once, by the request that began. */
export function endWaiting({ service, cleanup }: Ticket): void {
  cleanup.handler = undefined
  leave(service, 1)
}

function countEnded(service: string): void {
  const line = lines[service]
  if (line === undefined) return
  let ended = 0
  while (ffi.C.sem_trywait(line.ended) === 0) ended++
  leave(service, ended)
}

/** A line without anybody is gone with the number that is counted in: nobody is left who could add to it. */
function leave(service: string, count: number): void {
  const line = lines[service]
  if (line === undefined) return
  line.count -= count
  total -= count
  if (line.count === 0) lines[service] = undefined
}

function createLine(): Line {
  const ended = ffi.new('fairlead_ended')
  ffi.C.sem_init(ended, 0, 0)
  return { count: 0, ended }
}
