import type { Passage } from '../request/passage.js'
import { stepsOf } from '../request/route-steps.js'
import { config } from './config.js'
import { nginx } from './ngx.js'
import { order } from './order.js'

/**
 * Whether a family has something to do to the head of the answer, and the default location has no header filter for it
 * (`frame/heads.ts`): the request is then answered in one that has.
 */
export function changesHead(passage: Passage): boolean {
  if (!config().bare_heads || passage.route.features === undefined) return false
  const { response } = stepsOf(order, passage.route)
  const first = response[0]
  if (first === undefined) return false
  return response[1] !== undefined || first.isIdle === undefined || !first.isIdle(passage, nginx)
}
