import type { Analytics } from '../../observe/analytics.js'

/** Where answers come from. */
export type Source = Pick<Analytics, 'query' | 'status'> & { readonly isLive: boolean }
