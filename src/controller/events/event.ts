/** The object that an event is about. `uid` is what `kubectl describe` finds it by. */
export interface EventTarget {
  readonly apiVersion: string
  readonly kind: string
  /** Empty for what has none; such events stand in `default`. */
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** One thing to tell, before it is an object of the API. */
export interface EventRequest {
  readonly about: EventTarget
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /**
   * What to do when the same was told before (the same object, reason and message): count it once more, or leave it.
   * `once` is for what may be old news, told by another replica or before a restart.
   */
  readonly repeat: 'count' | 'once'
  /** `leader`: told for all replicas, by the one that leads. `own`: about this replica only. */
  readonly from: 'leader' | 'own'
}
