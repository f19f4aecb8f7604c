import * as ffi from 'ffi'
import { get_request } from 'resty.core.base'
import { isForwarded } from '../request/auth-question.js'

/** A header as the Lua module shows it: where its bytes are. */
interface Header {
  readonly key: Bytes
  readonly value: Bytes
}

interface Bytes {
  readonly data: object
  readonly len: number
}

const NO_LIMIT = 0
const AS_SENT = 1
const truncated = ffi.new('int[1]')

let room = 32
let headers = makeRoom()

function makeRoom(): Readonly<Record<number, Header>> {
  // lua-resty-core declares it.
  return ffi.new(`ngx_http_lua_ffi_table_elt_t[${room}]`) as Readonly<Record<number, Header>>
}

/**
 * The lines of the client's headers, for a request that is made from it; each ends with a line end. Where `replaced`
 * has a name in lower case, the client's is left out. NGINX has refused values with a line end in them. Read from where
 * NGINX has them: the table of `ngx.req.get_headers` costs twice as much as all of this.
 */
export function forwardedLines(replaced?: Readonly<Record<string, boolean | undefined>>): string {
  const request = get_request()
  const count = ffi.C.ngx_http_lua_ffi_req_get_headers_count(request, NO_LIMIT, truncated)
  if (count > room) {
    room = count
    headers = makeRoom()
  }
  if (count <= 0 || ffi.C.ngx_http_lua_ffi_req_get_headers(request, headers, count, AS_SENT) !== 0) return ''
  const lines: string[] = []
  for (let i = 0; i < count; i++) {
    const header = headers[i]
    if (header === undefined) break
    const name = ffi.string(header.key.data, header.key.len)
    const key = string.lower(name)
    if (!isForwarded(key) || replaced?.[key] === true) continue
    lines.push(`${name}: ${ffi.string(header.value.data, header.value.len)}\r\n`)
  }
  return table.concat(lines)
}
