/** A path of an Ingress in bytes, or what is wrong with it; `warning` where it is valid and matches nothing. */
export type ParsedPath =
  | { readonly ok: true; readonly path: string; readonly warning: string | undefined }
  | { readonly ok: false; readonly reason: string }

/** Reads `paths[].path`; empty is `/` (PATH-1). Text becomes UTF-8 bytes, one character each, as requests are compared. */
export function parsePath(text: string): ParsedPath {
  if (text === '') return { ok: true, path: '/', warning: undefined }
  if (!text.startsWith('/')) return { ok: false, reason: 'it does not begin with "/"' }
  return { ok: true, path: toBytes(text), warning: neverMatches(text) }
}

/** UTF-8 as one character per byte. */
export function toBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the range is the point
  return /^[\x00-\x7f]*$/.test(text)
}

/** PATH-3: requests are compared decoded, with `//` merged and dots resolved, so some spellings never occur. */
function neverMatches(text: string): string | undefined {
  if (text.includes('//')) return 'it holds "//", which is merged in every request'
  if (/\/\.{1,2}(\/|$)/.test(text)) return 'it holds a "." or ".." element, which is resolved in every request'
  if (/%[0-9a-fA-F]{2}/.test(text)) return 'it holds a percent-encoded byte, and requests are compared decoded'
  if (text.includes('\0')) return 'it holds a NUL byte, which NGINX refuses in a request'
  return undefined
}
