import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import type { World } from './world.js'

/** What a product can be asked for, by the name of the action. */
export type Actions = Readonly<Record<string, (given: Parameters) => object>>

/** Carries one action out; the same call with the same token is carried out once. */
export function perform(actions: Actions, world: World, action: string, given: Parameters): object {
  const act = actions[action]
  if (act === undefined || !Object.hasOwn(actions, action))
    throw new Refusal(404, 'InvalidAction.NotFound', `Specified api is not found: ${action}.`)
  return world.once(action, given, () => act(given))
}
