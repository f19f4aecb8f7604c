import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import type { KnownKey } from './verify.js'
import type { World } from './world.js'

export interface Identities {
  keys: Readonly<Record<string, KnownKey>>
  /** Name of the role of the instance; '': it has none. */
  role: string
  /** What a service account proves itself with. */
  oidcToken: string
}

/** The security token service: a key for an hour. */
export function answerSts(identities: Identities, action: string, parameters: Parameters, world: World): object {
  if (action !== 'AssumeRole' && action !== 'AssumeRoleWithOIDC')
    throw new Refusal(404, 'InvalidAction.NotFound', `Specified api is not found: ${action}.`)
  parameters.need('RoleArn')
  if (action === 'AssumeRoleWithOIDC' && parameters.need('OIDCToken') !== identities.oidcToken)
    throw new Refusal(400, 'AuthenticationFail.OIDCToken.Invalid', 'This OIDC token is invalid.')
  const id = world.id('STS')
  const key = { secret: `secret-${id}`, token: `token-${id}`, expires: world.now() + 3_600_000 }
  identities.keys = { ...identities.keys, [id]: key }
  return {
    Credentials: {
      AccessKeyId: id,
      AccessKeySecret: key.secret,
      SecurityToken: key.token,
      Expiration: new Date(key.expires).toISOString(),
    },
  }
}
