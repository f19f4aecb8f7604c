import type { Reference } from '../features/declare.js'
import type { Kind } from '../features/kinds/kind.js'
import type { FrameChoices } from '../model/global-settings.js'

/**
 * What a key changes. `frame`: NGINX's own file, by a reload without a failed request. `table`: what NGINX looks up for each
 * request, without one. `controller`: what Fairlead itself does.
 */
export type Changes = 'frame' | 'table' | 'controller'

/** One key of the main ConfigMap: everything that is said of it anywhere is produced from here. */
export interface Key<T> {
  readonly kind: Kind<T>
  /** One sentence: what it does. */
  readonly doc: string
  /** What holds without it, in words. */
  readonly fallback: string
  /** A value that works. */
  readonly example: string
  readonly changes: Changes
  /** Its value is shown to nobody. */
  readonly secret?: true
  /** What holds in place of a value that cannot be read, where the default would believe or admit more. */
  readonly strict?: { read(this: void, text: string): T; readonly instead: string }
  /** A text that holds where NGINX refuses one that can be read and took none before; absent: the default. */
  readonly refused?: { readonly text: string; readonly instead: string }
  /** Which object a value names, so that a cluster's is read and followed (better than CM-6). */
  readonly refersTo?: Reference
  /**
   * What of the frame it decides; absent: its value is read elsewhere. A method, so that keys of different values fit
   * into one list.
   */
  frame?(value: T): FrameChoices
}

/** A key that ingress-nginx knows and that does nothing here, with the reason. */
export interface KeyWithoutEffect {
  readonly withoutEffect: string
  /** What to say of a value in place of that, and whether it would keep somebody out. */
  readonly read?: (text: string) => { readonly message: string; readonly keepsOut: boolean }
}

/** Something about a key that its owner should know. */
export interface KeyProblem {
  readonly key: string
  readonly kind: 'unreadable' | 'without effect' | 'unknown' | 'keeps nobody out'
  /** A sentence about the value, and what happens instead. */
  readonly message: string
}

export type Keys = Readonly<Record<string, Key<unknown> | KeyWithoutEffect>>

/** What was read: absent and unreadable values are undefined. */
export type KeyValues<K extends Keys> = {
  readonly [Name in keyof K]: K[Name] extends Key<infer T> ? T | undefined : undefined
}

/** Declares a key; the type of its value follows from its kind. */
export function key<T>(declared: Key<T>): Key<T> {
  return declared
}

/** @param withoutEffect a sentence that says why, and what to use instead */
export function ignored(withoutEffect: string, read?: NonNullable<KeyWithoutEffect['read']>): KeyWithoutEffect {
  return { withoutEffect, ...(read === undefined ? {} : { read }) }
}
