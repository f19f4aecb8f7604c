/**
 * For how long workers of the frame before still answer what arrives on connections kept open, after a reload
 * (`keepalive_min_timeout`). Documents that need a new profile wait this long.
 */
export const MIN_TIMEOUT_SECONDS = 5
