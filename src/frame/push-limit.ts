const MEGABYTE = 1024 * 1024

/**
 * The largest document of the table, in bytes of JSON: a host of about 80,000 paths. Each worker that is asked for a
 * document decodes it once, so that much larger ones would be felt by all its clients.
 */
export const MAX_DOCUMENT_BYTES = 16 * MEGABYTE

/** The largest push: such a document with its head. A body beyond the buffer would go to a file, where Lua does not look. */
export const MAX_PUSH_BYTES = MAX_DOCUMENT_BYTES + MEGABYTE
