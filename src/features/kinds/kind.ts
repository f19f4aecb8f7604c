/**
 * The value of an annotation or ConfigMap key as read, or what is wrong with it. `skipped`: with a part that was left
 * out.
 */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly skipped?: string }
  | { readonly ok: false; readonly reason: string }

/** A form that values can have. */
export interface Kind<T> {
  /** For the reference: `true or false`, `whole number from 1`. */
  readonly form: string
  /** `reason` completes the sentence "The value … is not used: it …". */
  readonly parse: (text: string) => Parsed<T>
}

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
