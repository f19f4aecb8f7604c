import { pause } from './pause.js'

/**
 * Streams of HTTP/2 that are reset as soon as they are opened (CVE-2023-44487) end before they cost a connection to a
 * backend: their requests wait for a millisecond, in which NGINX reads what came with them, and ends them with 499
 * (`lua_check_client_abort`). Nobody is to feel that, so one in a hundred waits, and all do for some time after one in
 * four of those was reset.
 */
const ONE_IN = 100
const ALERT_FROM = 0.25
const ALERT_SECONDS = 10
const BATCH_SECONDS = 0.05

let passed = 0
let alertEnds = 0
/** Those who wait are counted in batches: of one that ended a batch ago, nobody is waiting any more. */
let batch = 0
let batchEnds = 0
let begun = 0
let outlived = 0
let begunBefore = 0
let outlivedBefore = 0

/** For each request of HTTP/2, before it takes anything that somebody would have to give back. */
export function outliveReset(): void {
  const now = ngx.now()
  if (now >= batchEnds) judge(now)
  if (now >= alertEnds) {
    passed++
    if (passed < ONE_IN) return
    passed = 0
  }
  const own = batch
  begun++
  pause()
  if (own === batch) outlived++
  else outlivedBefore++
}

function judge(now: number): void {
  const reset = begunBefore - outlivedBefore
  if (reset > 0 && reset >= begunBefore * ALERT_FROM) alertEnds = now + ALERT_SECONDS
  begunBefore = begun
  outlivedBefore = outlived
  begun = 0
  outlived = 0
  batch++
  batchEnds = now + BATCH_SECONDS
}
