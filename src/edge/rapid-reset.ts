/**
 * Streams of HTTP/2 that are reset as soon as they are opened (CVE-2023-44487) end before they cost a connection to a backend: their
 * requests wait until NGINX has read what came with them, and those that are reset by then it ends with 499 (`lua_check_client_abort`).
 * That costs a twentieth of a request's CPU, so one in sixteen waits, and while some do not outlive it, all.
 */
const ONE_IN = 16
const BATCH_SECONDS = 0.05
const ALERT_SECONDS = 10

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
  ngx.sleep(0)
  if (own === batch) outlived++
  else outlivedBefore++
}

function judge(now: number): void {
  if (outlivedBefore < begunBefore) alertEnds = now + ALERT_SECONDS
  begunBefore = begun
  outlivedBefore = outlived
  begun = 0
  outlived = 0
  batch++
  batchEnds = now + BATCH_SECONDS
}
