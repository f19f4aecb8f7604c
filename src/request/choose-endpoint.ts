import type { WorkedUpstream } from '../model/worked-upstream.js'
import { firstOf } from './first-of.js'
import type { Passage } from './passage.js'
import type { ChoicePort } from './port.js'
import { stepsOfUpstream } from './route-steps.js'
import type { ChoiceStep, Order, Tries } from './step.js'

/** The position of the endpoint for a try, by the features of the upstream; undefined: none of them says. */
export function chooseEndpoint(
  order: Order,
  upstream: WorkedUpstream,
  passage: Passage,
  tries: Tries,
  port: ChoicePort,
): number | undefined {
  return firstOf(stepsOfUpstream(order, upstream).choice, ask, upstream, passage, tries, port)
}

function ask(
  { run }: ChoiceStep,
  upstream: WorkedUpstream,
  passage: Passage,
  tries: Tries,
  port: ChoicePort,
): number | undefined {
  return run(upstream, passage, tries, port)
}
