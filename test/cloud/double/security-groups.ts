import { type Actions, perform } from './actions.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import type { Seen, World } from './world.js'

interface SecurityGroup extends Seen {
  readonly id: string
  readonly name: string
  readonly tags: Map<string, string>
  /** By the id of the rule, as it was given. */
  readonly rules: Map<string, Readonly<Record<string, string>>>
}

const RULES_AT_MOST = 200

/** Security groups of ECS 2014-05-26: all at once, but what is new is not seen at once. */
export class SecurityGroups {
  readonly #world: World
  readonly #isInUse: (id: string) => boolean
  readonly #groups = new Map<string, SecurityGroup>()

  constructor(world: World, isInUse: (id: string) => boolean) {
    this.#world = world
    this.#isInUse = isInUse
  }

  perform(action: string, given: Parameters): object {
    return perform(this.#actions, this.#world, action, given)
  }

  state(): object {
    return [...this.#groups.values()].map(({ id, name, tags, rules }) => ({
      id,
      name,
      tags: Object.fromEntries(tags),
      rules: [...rules.values()]
        .map((rule) => `${rule['Policy']} ${rule['Priority']} ${rule['SourceCidrIp'] ?? rule['Ipv6SourceCidrIp']}`)
        .toSorted(),
    }))
  }

  readonly #actions: Actions = {
    CreateSecurityGroup: (given) => {
      given.need('VpcId')
      const group: SecurityGroup = {
        id: this.#world.id('sg'),
        name: given.need('SecurityGroupName'),
        tags: new Map(given.items('Tag').map(({ Key = '', Value = '' }) => [Key, Value])),
        rules: new Map(),
        ...this.#world.unseen(),
      }
      this.#groups.set(group.id, group)
      this.#world.note('security-group', group.id, group.name)
      return { SecurityGroupId: group.id }
    },
    DescribeSecurityGroups: (given) => {
      const tags = given.items('Tag')
      const found = [...this.#groups.values()].filter(
        (one) => this.#world.isVisible(one) && tags.every(({ Key = '', Value }) => one.tags.get(Key) === Value),
      )
      const start = given.number('NextToken', 0)
      const most = Math.min(100, given.number('MaxResults', 10))
      return {
        SecurityGroups: {
          SecurityGroup: found.slice(start, start + most).map(({ id, name, tags }) => ({
            SecurityGroupId: id,
            SecurityGroupName: name,
            Tags: { Tag: [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
          })),
        },
        ...(start + most < found.length ? { NextToken: String(start + most) } : {}),
      }
    },
    DescribeSecurityGroupAttribute: (given) => ({
      Permissions: {
        Permission: [...this.#group(given).rules].map(([SecurityGroupRuleId, rule]) => ({
          ...rule,
          // In a form of its own.
          Policy: rule['Policy'] === 'drop' ? 'Drop' : 'Accept',
          SecurityGroupRuleId,
        })),
      },
    }),
    AuthorizeSecurityGroup: (given) => {
      const { rules } = this.#group(given)
      const wanted = given.items('Permissions')
      if (wanted.length === 0 || wanted.length > 100)
        throw new Refusal(400, 'InvalidParam.Permissions', 'From 1 to 100 rules in a call.')
      for (const rule of wanted) {
        if (!['accept', 'drop'].includes(rule['Policy'] ?? '')) throw new Refusal(400, 'InvalidPolicy.Malformed', '?')
        if (!/^[0-9.]+\/\d+$/.test(rule['SourceCidrIp'] ?? '') && !/:.*\/\d+$/.test(rule['Ipv6SourceCidrIp'] ?? ''))
          throw new Refusal(400, 'InvalidSourceCidrIp.Malformed', 'It is no network.')
      }
      const known = new Set([...rules.values()].map((rule) => JSON.stringify(rule)))
      const fresh = wanted.filter((rule) => !known.has(JSON.stringify(rule)))
      if (rules.size + fresh.length > RULES_AT_MOST)
        throw new Refusal(403, 'AuthorizationLimitExceed', 'The group has too many rules.')
      for (const rule of fresh) rules.set(this.#world.id('sgr'), rule)
      return {}
    },
    RevokeSecurityGroup: (given) => {
      const { rules } = this.#group(given)
      for (const id of given.list('SecurityGroupRuleId')) rules.delete(id)
      return {}
    },
    DeleteSecurityGroup: (given) => {
      const { id } = this.#group(given)
      if (this.#isInUse(id)) throw new Refusal(403, 'DependencyViolation', 'There is still an instance in the group.')
      this.#groups.delete(id)
      this.#world.gone(id)
      return {}
    },
    UntagResources: (given) => {
      if (given.need('ResourceType') !== 'securitygroup') throw new Refusal(400, 'InvalidResourceType.NotFound', '?')
      const group = this.#groups.get(given.need('ResourceId.1'))
      if (group === undefined) throw new Refusal(404, 'InvalidResourceId.NotFound', 'It is not found.')
      for (const key of given.list('TagKey')) group.tags.delete(key)
      return {}
    },
  }

  #group(given: Parameters): SecurityGroup {
    const id = given.need('SecurityGroupId')
    const found = this.#groups.get(id)
    if (found === undefined) throw new Refusal(404, 'InvalidSecurityGroupId.NotFound', `${id} is not found.`)
    return found
  }
}
