/** The part of the NGINX Lua API that the edge uses. Source: the reference of ngx_http_lua_module. @noSelfInFile */

interface MeasuredDictionary {
  free_space(this: MeasuredDictionary): number
  capacity(this: MeasuredDictionary): number
}

interface SharedDictionary extends MeasuredDictionary {
  get(this: SharedDictionary, key: string): string | number | undefined
  safe_set(
    this: SharedDictionary,
    key: string,
    value: string | number,
    seconds?: number,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
  /** `exists` where there is one. */
  safe_add(
    this: SharedDictionary,
    key: string,
    value: string | number,
    seconds?: number,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
  incr(
    this: SharedDictionary,
    key: string,
    by: number,
    from?: number,
  ): LuaMultiReturn<[number | undefined, string | undefined]>
  /** A list's length after it; it never makes room by forgetting. */
  rpush(this: SharedDictionary, key: string, value: string): LuaMultiReturn<[number | undefined, string | undefined]>
  lpop(this: SharedDictionary, key: string): LuaMultiReturn<[string | undefined, string | undefined]>
  /** Seconds from now; 0: never. */
  expire(this: SharedDictionary, key: string, seconds: number): boolean | undefined
  /** Gives memory of entries that are over back; 0: of all. */
  flush_expired(this: SharedDictionary, most: number): number
  /** Makes room by forgetting what was not used for longest. */
  set(this: SharedDictionary, key: string, value: string | number, seconds?: number): void
  delete(this: SharedDictionary, key: string): void
  get_keys(this: SharedDictionary, max: number): string[]
}

/** A dictionary as where flags are used: whole numbers of 31 bits beside the values. */
interface FlaggedDictionary extends MeasuredDictionary {
  get(this: FlaggedDictionary, key: string): LuaMultiReturn<[string | number | undefined, number | undefined]>
  set(this: FlaggedDictionary, key: string, value: string | number, seconds: number, flags: number): void
}

interface TcpSocket {
  settimeouts(connectMilliseconds: number, sendMilliseconds: number, readMilliseconds: number): void
  /** `pool_size`: idle connections that are kept; counts only where the pool is made by this call. */
  connect(
    address: string,
    port: number,
    options?: { readonly pool: string; readonly pool_size: number },
  ): LuaMultiReturn<[number | undefined, string | undefined]>
  /** How often this connection was taken from its pool; 0: it is new. */
  getreusedtimes(): number
  /** Gives the connection back to its pool; fails where something is left to read. */
  setkeepalive(milliseconds: number): LuaMultiReturn<[number | undefined, string | undefined]>
  /** `false` for the session: none is given back. */
  sslhandshake(
    session: false,
    serverName: string | undefined,
    verify: boolean,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
  send(text: string): LuaMultiReturn<[number | undefined, string | undefined]>
  /** A line, or so many bytes. */
  receive(what: '*l' | number): LuaMultiReturn<[string | undefined, string | undefined]>
  /** At most so many bytes, as soon as there are some. */
  receiveany(most: number): LuaMultiReturn<[string | undefined, string | undefined]>
  close(): void
}

/** Of ngx.semaphore. */
interface Semaphore {
  wait(this: Semaphore, seconds: number): LuaMultiReturn<[boolean | undefined, string | undefined]>
  post(this: Semaphore, count: number): void
}

interface NgxTimer {
  at(
    this: void,
    delay: number,
    callback: (this: void, premature: boolean) => void,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
  every(
    this: void,
    delay: number,
    callback: (this: void, premature: boolean) => void,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
}

interface NgxWorker {
  pid(this: void): number
  count(this: void): number
}

interface NgxRequest {
  get_method(this: void): string
  /** Seconds since 1970 with milliseconds. */
  start_time(this: void): number
  set_uri_args(this: void, query: string): void
  /** 1.1, 2.0, … */
  http_version(this: void): number | undefined
  read_body(this: void): void
  /** What is left of the body is thrown away as it comes. */
  discard_body(this: void): void
  /** `binary`: bytes that a URI may not hold are taken, since they are escaped before they are sent. */
  set_uri(this: void, path: string, jump: boolean, binary: boolean): void
  get_body_data(this: void): string | undefined
  /** Name of the file with the body, where it did not fit into the buffer. */
  get_body_file(this: void): string | undefined
  /** `0`: all of them; `raw`: names as they came. */
  get_headers(this: void, most: number, raw: boolean): LuaTable<string, string | string[] | boolean>
  /** Whether NGINX itself sent the request here. */
  is_internal(this: void): boolean
  set_header(this: void, name: string, value: string): void
  clear_header(this: void, name: string): void
}

/** Index 0 is the whole match; false: a group that took no part. */
type RegexCaptures = Readonly<Record<number, string | false | undefined>>

interface NgxRegex {
  match(
    this: void,
    subject: string,
    pattern: string,
    options: string,
  ): LuaMultiReturn<[RegexCaptures | undefined, string | undefined]>
}

declare namespace ngx {
  /** Request variables; reading one that is not set gives undefined. */
  let ctx: object
  let status: number
  const header: Record<string, string | readonly string[] | undefined>
  const shared: {
    readonly fairlead_table: SharedDictionary
    readonly fairlead_state: SharedDictionary
    readonly fairlead_limits: SharedDictionary
    readonly fairlead_scores: FlaggedDictionary
    readonly fairlead_connections: SharedDictionary
    readonly fairlead_logins: SharedDictionary
    readonly fairlead_nonces: SharedDictionary
    readonly fairlead_answers: SharedDictionary
    /** Where the frame has metrics. */
    readonly fairlead_metrics: SharedDictionary | undefined
  }
  const timer: NgxTimer
  const worker: NgxWorker
  const socket: { tcp(this: void): TcpSocket }
  const req: NgxRequest
  const re: NgxRegex
  const WARN: number
  const ERR: number
  /** Of a handshake: ends it. */
  const ERROR: number
  function exit(this: void, status: number): void
  /** Where the frame says `lua_check_client_abort`: what to do when the client goes away while its request waits. */
  function on_abort(
    this: void,
    callback: (this: void) => void,
  ): LuaMultiReturn<[number | undefined, string | undefined]>
  function exec(this: void, location: string): void
  function print(this: void, text: string | string[]): void
  function say(this: void, text: string): void
  function log(this: void, level: number, ...text: string[]): void
  function md5(this: void, text: string): string
  /** Seconds since 1970 with milliseconds, as of the last turn of the event loop. */
  function now(this: void): number
  /** CRC-32; quicker than crc32_short for texts of more than about 60 bytes. */
  function crc32_long(this: void, text: string): number
  function md5_bin(this: void, text: string): string
  function sha1_bin(this: void, text: string): string
  function decode_base64(this: void, text: string): string | undefined
  /** Reads the clock, which NGINX otherwise reads once in each turn of the event loop. */
  function update_time(this: void): void
  /** Calls a function of a module in a thread of a pool; false and the reason where that cannot be. */
  function run_worker_thread(
    this: void,
    pool: string,
    module: string,
    name: string,
    ...args: string[]
  ): LuaMultiReturn<[boolean, unknown]>
  function sleep(this: void, seconds: number): void
  function send_headers(this: void): void
}

declare module 'ngx.balancer' {
  function set_current_peer(
    this: void,
    address: string,
    port: number,
    pool: string,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
  function set_more_tries(this: void, count: number): void
  /** In seconds; holds for one try. */
  function set_timeouts(this: void, connect: number, send: number, read: number): void
  /** How the try before ended, with a status that stands for the reason: 504 for a timeout. */
  function get_last_failure(this: void): LuaMultiReturn<[string | undefined, number | undefined]>
  function enable_keepalive(this: void, idleSeconds: number, requests: number): void
}

declare module 'ngx.ssl' {
  function server_name(this: void): LuaMultiReturn<[string | undefined, string | undefined]>
  function clear_certs(this: void): LuaMultiReturn<[boolean | undefined, string | undefined]>
  function parse_pem_cert(this: void, pem: string): LuaMultiReturn<[object | undefined, string | undefined]>
  function parse_pem_priv_key(this: void, pem: string): LuaMultiReturn<[object | undefined, string | undefined]>
  function set_cert(this: void, chain: object): LuaMultiReturn<[boolean | undefined, string | undefined]>
  function set_priv_key(this: void, key: object): LuaMultiReturn<[boolean | undefined, string | undefined]>
  function get_req_ssl_pointer(this: void): LuaMultiReturn<[object | undefined, string | undefined]>
  /**
   * Asks for a certificate; one that is not valid does not end the handshake. Without `authorities` trust is left as it
   * is.
   */
  function verify_client(
    this: void,
    authorities: object | undefined,
    depth: number,
  ): LuaMultiReturn<[boolean | undefined, string | undefined]>
}

declare module 'ngx.ocsp' {
  function set_ocsp_status_resp(this: void, response: string): LuaMultiReturn<[boolean | undefined, string | undefined]>
}

declare module 'ngx.ssl.clienthello' {
  function get_client_hello_server_name(this: void): LuaMultiReturn<[string | undefined, string | undefined]>
}

/** OpenSSL's functions as far as they are called; pointers are objects, and NULL is undefined. */
interface OpenSsl {
  SSL_new(this: void, context: object): object | undefined
  SSL_free(this: void, ssl: object): void
  SSL_get_SSL_CTX(this: void, ssl: object): object
  SSL_copy_session_id(this: void, to: object, from: object): number
  SSL_set_cert_cb(this: void, ssl: object, callback: undefined, argument: undefined): void
  SSL_certs_clear(this: void, ssl: object): void
  SSL_use_certificate(this: void, ssl: object, x509: object): number
  SSL_use_PrivateKey(this: void, ssl: object, key: object): number
  SSL_set_session_id_context(this: void, ssl: object, context: string, length: number): number
  SSL_set_cipher_list(this: void, ssl: object, list: string): number
  SSL_clear_options(this: void, ssl: object, options: number): void
  SSL_ctrl(this: void, ssl: object, command: number, number: number, pointer: object): number
  SSL_set_client_CA_list(this: void, ssl: object, names: object): void
  SSL_dup_CA_list(this: void, names: object): object | undefined
  SSL_get1_peer_certificate(this: void, ssl: object): object | undefined
  SSL_get_peer_cert_chain(this: void, ssl: object): object | undefined
  SSL_get_security_level(this: void, ssl: object): number
  BIO_new_mem_buf(this: void, bytes: string, length: number): object | undefined
  BIO_free(this: void, bio: object): number
  ERR_clear_error(this: void): void
  PEM_read_bio_X509(this: void, bio: object, x509: undefined, ask: undefined, data: undefined): object | undefined
  PEM_read_bio_X509_CRL(this: void, bio: object, crl: undefined, ask: undefined, data: undefined): object | undefined
  X509_free(this: void, x509: object): void
  X509_CRL_free(this: void, crl: object): void
  X509_NAME_dup(this: void, name: object): object | undefined
  X509_NAME_free(this: void, name: object): void
  X509_get_subject_name(this: void, x509: object): object
  X509_STORE_new(this: void): object | undefined
  X509_STORE_free(this: void, store: object): void
  X509_STORE_add_cert(this: void, store: object, x509: object): number
  X509_STORE_add_crl(this: void, store: object, crl: object): number
  X509_STORE_set_flags(this: void, store: object, flags: number): number
  X509_STORE_CTX_new(this: void): object | undefined
  X509_STORE_CTX_free(this: void, context: object): void
  X509_STORE_CTX_init(this: void, context: object, store: object, x509: object, chain: object | undefined): number
  X509_STORE_CTX_set_default(this: void, context: object, purpose: string): number
  X509_STORE_CTX_get0_param(this: void, context: object): object
  X509_STORE_CTX_get_error(this: void, context: object): number
  X509_VERIFY_PARAM_set_depth(this: void, parameters: object, depth: number): void
  X509_VERIFY_PARAM_set_auth_level(this: void, parameters: object, level: number): void
  X509_verify_cert(this: void, context: object): number
  X509_verify_cert_error_string(this: void, error: number): object
  RAND_bytes(this: void, bytes: object, count: number): number
  OPENSSL_sk_new_null(this: void): object | undefined
  OPENSSL_sk_num(this: void, stack: object): number
  OPENSSL_sk_value(this: void, stack: object, index: number): object
  OPENSSL_sk_push(this: void, stack: object, item: object): number
  OPENSSL_sk_pop_free(this: void, stack: object, free: object): void
}

declare module 'ffi' {
  const C: OpenSsl & {
    kill(this: void, pid: number, signal: number): number
    strtoll(this: void, text: object, end: undefined, base: number): object
    crypt_r(this: void, phrase: string, setting: string, data: object): object | undefined
    setpriority(this: void, which: number, who: number, priority: number): number
    /** These two are declared by lua-resty-core. The number of headers of a request, at most so many; 0: all of them. */
    ngx_http_lua_ffi_req_get_headers_count(this: void, request: object, most: number, truncated: object): number
    /** Writes so many headers into an array; 0: it did. `raw`: names as the client sent them. */
    ngx_http_lua_ffi_req_get_headers(this: void, request: object, out: object, count: number, raw: number): number
    ngx_http_cleanup_add(this: void, request: object, size: number): Cleanup
    mmap(
      this: void,
      address: undefined,
      length: number,
      protection: number,
      flags: number,
      file: number,
      offset: number,
    ): object
    sem_init(this: void, semaphore: object, shared: number, value: number): number
    sem_trywait(this: void, semaphore: object): number
    sem_post(this: void, semaphore: object): void
    /** NGINX's own: two hexadecimal digits for each byte. */
    ngx_hex_dump(this: void, digits: object, bytes: object, length: number): void
    /** Declared by lua-resty-core: the place of a request's context; below 0: it has none. */
    ngx_http_lua_ffi_get_ctx_ref(this: void, request: object, inHandshake: undefined, ofHandshake: undefined): number
    /** Declared by lua-resty-core, as the next: `value` points to memory of NGINX. 0: there is one. */
    ngx_http_lua_ffi_var_get(
      this: void,
      request: object,
      name: string,
      nameLength: number,
      low: object,
      capture: number,
      value: object,
      valueLength: object,
      error: object,
    ): number
    /** Copies the value. `low`: room for the name. */
    ngx_http_lua_ffi_var_set(
      this: void,
      request: object,
      name: string,
      nameLength: number,
      low: object,
      value: object | string,
      valueLength: number,
      error: object,
      errorLength: object,
    ): number
  }
  /** Calls `release` with the pointer once nobody holds it any more; undefined takes that back. */
  function gc(this: void, pointer: object, release: ((this: void, pointer: object) => void) | undefined): object
  /** The text up to its NUL, or so many bytes. */
  function string(this: void, pointer: object, length?: number): string
  function errno(this: void): number
  function cdef(this: void, declarations: string): void
  function create(this: void, type: string): object
  function cast(this: void, type: string, pointer: object | string | number): object
  function copy(this: void, to: object, text: string, length: number): void
  export { C, errno, cdef, gc, string, create as new, cast, copy }
}

declare module 'resty.core.base' {
  /** The request that is running, as NGINX's own pointer. */
  function get_request(this: void): object
}

/** A function of C that NGINX calls when a request is over, and what with. */
interface Cleanup {
  handler: ((this: void, data: object) => void) | undefined
  data: object
}

declare module 'ngx.semaphore' {
  function create(this: void): Semaphore
  export { create as new }
}

declare module 'cjson.safe' {
  function decode(this: void, text: string): LuaMultiReturn<[unknown, string | undefined]>
  function encode(this: void, value: unknown): string
}

declare module 'resty.core.time' {
  /** Milliseconds of the machine's monotonic clock, as of the last turn of the event loop; the same clock in all workers. */
  function monotonic_msec(this: void): number
}

declare module 'jit.opt' {
  /** Parameters of LuaJIT's compiler, for all code from now on. */
  export function start(this: void, ...parameters: string[]): void
}

declare module 'ngx.resp' {
  /** One more line of a response header. */
  export function add_header(this: void, name: string, value: string): void
}
