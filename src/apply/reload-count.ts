/** Why NGINX read its file anew: profiles were missing, what a ConfigMap or flag says changed, or other code took it over. */
export type ReloadReason = 'profiles' | 'settings' | 'code'

export interface Reload {
  readonly reason: ReloadReason
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The reloads since the controller began. */
export interface ReloadCount {
  note(reason: ReloadReason): void
  total(): number
  byReason(): Readonly<Record<ReloadReason, number>>
  last(): Reload | undefined
}

export function createReloadCount(clock: () => number = Date.now): ReloadCount {
  const counts = { profiles: 0, settings: 0, code: 0 }
  let last: Reload | undefined
  return {
    note(reason) {
      counts[reason] += 1
      last = { reason, at: clock() }
    },
    total: () => counts.profiles + counts.settings + counts.code,
    byReason: () => ({ ...counts }),
    last: () => last,
  }
}
