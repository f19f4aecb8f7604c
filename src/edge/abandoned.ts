/**
 * Requests whose client goes away while they wait for somebody in `rewrite_by_lua` (`lua_check_client_abort` of the frame):
 * NGINX ends them on the spot with 499, so what families hold for them has to be given back here.
 */
let giveBack: (this: void) => void = () => {}

/** What to do for every such request; `ngx.ctx` is that of the request. */
export function whenAbandoned(action: (this: void) => void): void {
  giveBack = action
}

/** Kept in `ngx.ctx`, which every request with features has for itself. */
interface Watched {
  readonly passage?: { readonly awaited?: true }
  watched?: true
}

/**
 * To be called before a request waits. Only one that holds something is watched: the thread of its own that this takes
 * costs as much as everything else a question to an auth service needs.
 */
export function watchClient(): void {
  const request = ngx.ctx as Watched
  if (request.passage?.awaited !== true || request.watched === true) return
  request.watched = true
  ngx.on_abort(abandon)
}

const CLIENT_CLOSED_REQUEST = 499

function abandon(this: void): void {
  giveBack()
  ngx.exit(CLIENT_CLOSED_REQUEST)
}
