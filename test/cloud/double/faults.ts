import { Refusal } from './refusal.js'

/** What goes wrong with calls. */
export interface Fault {
  /** A regular expression for the name of the action. */
  readonly action: string
  /** So many matching calls go well before. Default 0. */
  readonly skip?: number
  /** How many are hit; default 1. */
  readonly times?: number
  /** `after`: it is done, and the answer is the error. Default `before`. */
  readonly when?: 'before' | 'after'
  /** `reset`: the connection is cut; `silence`: no answer ever comes; otherwise an error with code and status. */
  readonly how: 'reset' | 'silence' | { readonly status: number; readonly code: string; readonly message?: string }
}

export class Faults {
  readonly #active: { readonly fault: Fault; skip: number; left: number }[] = []

  add(faults: readonly Fault[]): void {
    for (const fault of faults) this.#active.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 })
  }
  clear(): void {
    this.#active.length = 0
  }
  /** The fault that a call meets, if any; it counts as used. */
  meet(action: string): Fault | undefined {
    for (const one of this.#active) {
      if (one.left <= 0 || !new RegExp(`^(?:${one.fault.action})$`).test(action)) continue
      if (one.skip > 0) {
        one.skip -= 1
        continue
      }
      one.left -= 1
      return one.fault
    }
    return undefined
  }
}

export function refusalOf(how: Exclude<Fault['how'], string>): Refusal {
  return new Refusal(how.status, how.code, how.message ?? `${how.code} by script.`)
}
