/** What NGINX said of values of the main ConfigMap that its own file depends on. */
export interface TriedKeys {
  /** Why it refuses a text, by key and text. The same map while nothing more is refused or forgotten. */
  readonly refused: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** The last text of each key that it took. */
  readonly taken: ReadonlyMap<string, string>
}

export const NOTHING_TRIED: TriedKeys = { refused: new Map(), taken: new Map() }
