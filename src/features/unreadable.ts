/** In place of a value that cannot be read, of a key that keeps somebody out: what depends on it is closed. */
export const UNREADABLE: unique symbol = Symbol('unreadable')
