/**
 * Requests whose client goes away while they wait for somebody in `rewrite_by_lua` (`lua_check_client_abort` of the frame):
 * NGINX ends them on the spot, so what they hold has to be given back here.
 */
let giveBack: (this: void) => void = () => {}

/** What to do for every such request; `ngx.ctx` is that of the request. */
export function whenAbandoned(action: (this: void) => void): void {
  giveBack = action
}

/** Kept in `ngx.ctx`, which every request with features has for itself. */
interface Watched {
  release?: (this: void) => void
}

/** To be called before a request waits. `release`: what only the one who waits knows of; that of the last one counts. */
export function watchClient(release: (this: void) => void): void {
  const watched = ngx.ctx as Watched
  const isFirst = watched.release === undefined
  watched.release = release
  if (isFirst) ngx.on_abort(abandon)
}

const CLIENT_CLOSED_REQUEST = 499

function abandon(this: void): void {
  const { release } = ngx.ctx as Watched
  if (release !== undefined) release()
  giveBack()
  ngx.exit(CLIENT_CLOSED_REQUEST)
}
