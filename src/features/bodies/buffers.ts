/** What an Ingress says of the buffers of its answers; absent: NGINX's or Fairlead's default. Sizes in bytes. */
export interface Buffers {
  readonly number: number | undefined
  readonly bytes: number | undefined
  readonly busyBytes: number | undefined
  /** 0: no file. */
  readonly temporaryBytes: number | undefined
}

/** The memory that all buffers of one answer may take. */
const MOST_MEMORY = 64 * 1024 * 1024

/**
 * What is wrong with sizes that can each be read; undefined: NGINX takes them.
 *
 * NGINX's own rules are these, with one size for the first buffer and the others, as the annotation gives it: at least two
 * buffers; the busy ones, two buffers unless said, hold at least one and leave one free; a file is none at all, or
 * holds at least one. Source: ngx_http_proxy_merge_loc_conf.
 */
export function findConflict({
  number = 4,
  bytes = 4096,
  busyBytes,
  temporaryBytes,
}: Buffers): { readonly annotation: string; readonly message: string } | undefined {
  const busy = busyBytes ?? 2 * bytes
  const rest = (number - 1) * bytes
  if (bytes === 0) return about('proxy-buffer-size', 'A buffer of no bytes holds nothing.')
  if (number < 2) return about('proxy-buffers-number', 'There must be at least 2 buffers.')
  if (number * bytes > MOST_MEMORY) {
    return about('proxy-buffer-size', `${number} buffers of ${bytes} bytes are more than ${MOST_MEMORY} bytes.`)
  }
  if (busyBytes !== undefined && busy < bytes) {
    return about('proxy-busy-buffers-size', `It must be at least one buffer, which is ${bytes} bytes.`)
  }
  if (busy > rest) {
    const annotation = busyBytes === undefined ? 'proxy-buffers-number' : 'proxy-busy-buffers-size'
    const busyWords = busyBytes === undefined ? 'the busy buffers, two unless proxy-busy-buffers-size says so,' : 'it'
    return about(
      annotation,
      `With ${number} buffers of ${bytes} bytes, ${busyWords} may be ${rest} bytes at most: one buffer stays free.`,
    )
  }
  if (temporaryBytes !== undefined && temporaryBytes !== 0 && temporaryBytes < bytes) {
    return about('proxy-max-temp-file-size', `It must be 0, or at least one buffer, which is ${bytes} bytes.`)
  }
  return undefined
}

function about(annotation: string, message: string): { readonly annotation: string; readonly message: string } {
  return { annotation, message: `${message} The sizes of the buffers are not used.` }
}
