/**
 * Lets everything else of the worker have its turn. A millisecond, and not none: for that the Lua module wants a patch
 * of NGINX that Debian's has not, and says so in the error log each time.
 */
export function pause(): void {
  ngx.sleep(0.001)
}
