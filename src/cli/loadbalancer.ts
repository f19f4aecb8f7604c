import { Option, type Command } from 'commander'
import { findAccess } from '../kubernetes/find-access.js'
import { systemClock } from '../kubernetes/clock.js'
import { createKubernetesClient } from '../kubernetes/http-client.js'
import type { Orphan, PlannedStep } from '../loadbalancer/provider.js'
import { findOrphans, planAll, type ServicePlan, type Surveyed, type SurveyParts } from '../loadbalancer/survey.js'
import { addApiServerFlags } from './api-server-flags.js'
import {
  addLoadBalancerFlags,
  checkLoadBalancerFlags,
  completeLoadBalancerFlags,
  withProvider,
  type LoadBalancerFlags,
} from './loadbalancer-flags.js'
import { StartError } from './serve/start-error.js'

interface Flags extends LoadBalancerFlags {
  readonly kubeconfig: string
  readonly apiserverHost: string
  readonly certificateAuthority: string
  readonly format: 'text' | 'json'
}

const PATIENCE_MILLISECONDS = 30_000

/** `fairlead loadbalancer plan` and `orphans`: what would be done, and what is left over. Nothing is changed. */
export function addLoadBalancer(program: Command): void {
  const group = program.command('loadbalancer').description('what is done for Services of type LoadBalancer')
  addFlags(group.command('plan'))
    .description('show for each Service what would be created, changed and deleted; changes nothing')
    .action(async (flags: Flags) => run(flags, planAll, printPlans))
  addFlags(group.command('orphans'))
    .description('show what the provider has made and belongs to no Service; changes nothing')
    .action(async (flags: Flags) => run(flags, findOrphans, printOrphans))
}

function addFlags(command: Command): Command {
  return addApiServerFlags(addLoadBalancerFlags(command)).addOption(
    new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
  )
}

async function run<T>(
  given: Flags,
  survey: <Existing, Step extends PlannedStep>(parts: SurveyParts<Existing, Step>) => Promise<Surveyed<T>>,
  print: (found: T) => string,
): Promise<void> {
  const found = findAccess(given, { environment: process.env })
  if (!found.ok) return fail(found.message, 2)
  const client = createKubernetesClient(found.access)
  const log = (level: 'info' | 'warn', message: string): void => {
    if (level === 'warn') process.stderr.write(`fairlead: ${message}\n`)
  }
  const parts = { client, clock: systemClock, log }
  try {
    checkLoadBalancerFlags(given)
    const flags = await completeLoadBalancerFlags(given, process.env)
    const asked = withProvider(flags, parts, (provider) =>
      survey({
        provider,
        ...parts,
        takeOver: flags.loadbalancerTakeOver === true,
        patienceMilliseconds: PATIENCE_MILLISECONDS,
      }),
    )
    if (asked === undefined)
      return fail('--loadbalancer is off; name the provider, such as --loadbalancer addresses.', 2)
    const answer = await asked
    if (!answer.ok) return fail(answer.message, 1)
    process.stdout.write(
      given.format === 'json' ? `${JSON.stringify(answer.value, undefined, 2)}\n` : print(answer.value),
    )
  } catch (cause) {
    if (!(cause instanceof StartError)) throw cause
    fail(cause.message, 2)
  } finally {
    await client.close()
  }
}

function printPlans(plans: readonly ServicePlan[]): string {
  if (plans.length === 0) return 'No Service is of type LoadBalancer and served by this provider.\n'
  return plans.map(printPlan).join('')
}

function printPlan({ service, claim, steps, writes, problems }: ServicePlan): string {
  const wanted = claim === 'absent' ? ' (is to have no address any more)' : ''
  const lines = [
    ...steps.map(({ description, calls }) => `${description}${calls.length === 0 ? '' : ` [${calls.join(', ')}]`}`),
    ...writes,
    ...problems.map((problem) => `problem: ${problem}`),
  ]
  return `${service}${wanted}\n${(lines.length === 0 ? ['nothing to do'] : lines).map((line) => `  ${line}\n`).join('')}`
}

function printOrphans(orphans: readonly Orphan[]): string {
  if (orphans.length === 0) return 'Nothing is left over.\n'
  return orphans.map(({ what, service }) => `${what}${service === '' ? '' : ` (made for ${service})`}\n`).join('')
}

function fail(message: string, code: number): void {
  process.stderr.write(`fairlead: ${message}\n`)
  process.exitCode = code
}
