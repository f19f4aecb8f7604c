import type { WorkedUpstream } from '../model/worked-upstream.js'
import type { Passage } from './passage.js'
import type { ChoicePort } from './port.js'
import type { Order, Tries } from './step.js'

/** The position of the endpoint for a try, by the features of the upstream; undefined: none of them says. */
export function chooseEndpoint(
  order: Order,
  upstream: WorkedUpstream,
  passage: Passage,
  tries: Tries,
  port: ChoicePort,
): number | undefined {
  for (const step of order.choice) {
    if (upstream.features?.[step.family] !== undefined) {
      const position = step.run(upstream, passage, tries, port)
      if (position !== undefined) return position
    }
  }
  return undefined
}
