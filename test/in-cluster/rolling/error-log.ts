/** A try of a request that failed. */
export interface FailedTry {
  readonly address: string
  /** The connection stood, and at least a part of the request was written to it. */
  readonly written: boolean
}

// NGINX's words: `… while connecting to upstream, client: …, request: "POST /?n=7 HTTP/1.1", upstream:
// "http://10.0.0.1:8080/?n=7", …`
const LINE =
  / while ([a-z ]+) upstream, client: .*, request: "[A-Z]+ \/[a-z]*\?n=(\d+) .*", upstream: "http:\/\/([\d.]+):\d+\//

/** The failed tries that NGINX's error log tells of, by the number of the request that load.mjs gave it. */
export function readTries(errorLog: string): ReadonlyMap<number, readonly FailedTry[]> {
  const tries = new Map<number, FailedTry[]>()
  for (const line of errorLog.split('\n')) {
    const [, doing = '', number = '', address = ''] = LINE.exec(line) ?? []
    if (doing === '') continue
    const ofRequest = tries.get(Number(number)) ?? []
    tries.set(Number(number), [...ofRequest, { address, written: doing !== 'connecting to' }])
  }
  return tries
}
