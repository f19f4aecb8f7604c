import { variables } from './variables.js'

/** What `$label` says of a request that is not logged (DEF-6). */
const UNLOGGED = '0'

/**
 * Fields of the access log (LOGF-2): `$label` has both whether a request is in it and as whose, for
 * `$proxy_upstream_name` too unless that is written.
 */
export function writeLabel(label: string, isUnlogged: boolean): void {
  if (isUnlogged) variables['label'] = UNLOGGED
  else if (label !== '') variables['label'] = label
  // Who was sent on by another location may not have been logged there, and what is written is not made of `$label` any more.
  if (isUnlogged || ngx.req.is_internal()) variables['proxy_upstream_name'] = label === '' ? '-' : label
}

/** For the request whose answer somebody else gives. */
export function rewriteLabel(label: string): void {
  writeLabel(label, variables['label'] === UNLOGGED)
}

export function forgetLabel(): void {
  variables['label'] = '-'
  variables['proxy_upstream_name'] = '-'
}
