import type { RouteFeatures } from '../model/features.js'
import { firstOf } from './first-of.js'
import type { Passage } from './passage.js'
import type { ActingPort } from './port.js'
import { stepsOf } from './route-steps.js'
import type { Order, RouteStep, Verdict } from './step.js'

/** What a request is answered instead of going to the backend, and which family says so. */
export interface Refusal {
  readonly by: keyof RouteFeatures
  readonly verdict: Verdict
}

/**
 * Whether a request may go to the backend: limits first, then access, then what the other steps say (annotations.md section
 * 0.4, steps 9 to 11). undefined: it may.
 */
export function admit(order: Order, passage: Passage, port: ActingPort): Refusal | undefined {
  if (passage.route.features === undefined) return undefined
  return (
    check(order, passage, port) ??
    firstOf(stepsOf(order, passage.route).proxy, ask, passage, port, undefined, undefined)
  )
}

/** Limits and access alone: whether a request may have what is answered here in place of a backend. */
export function check(order: Order, passage: Passage, port: ActingPort): Refusal | undefined {
  const { entry, access } = stepsOf(order, passage.route)
  return (
    firstOf(entry, ask, passage, port, undefined, undefined) ??
    (passage.route.features?.satisfyAny === true
      ? satisfyAny(access, passage, port)
      : firstOf(access, ask, passage, port, undefined, undefined))
  )
}

type Step = RouteStep<ActingPort, Verdict | 'granted' | undefined>

function ask({ family: by, run }: Step, passage: Passage, port: ActingPort): Refusal | undefined {
  const verdict = run(passage, port)
  return verdict === undefined || verdict === 'granted' ? undefined : { by, verdict }
}

/** Of several refusals that which tells the client how to come in, as in NGINX: a 401, or a redirect in its place. */
function satisfyAny(steps: readonly Step[], passage: Passage, port: ActingPort): Refusal | undefined {
  let refusal: Refusal | undefined
  for (const { family: by, run } of steps) {
    const verdict = run(passage, port)
    if (verdict === 'granted') return undefined
    if (verdict !== undefined && (refusal === undefined || isInvitation(verdict))) refusal = { by, verdict }
  }
  return refusal
}

function isInvitation(verdict: Verdict): boolean {
  return verdict.kind === 'redirect' || verdict.status === 401
}
