import { Option, type Command } from 'commander'
import type { KubernetesClient } from '../kubernetes/client.js'
import type { Clock } from '../kubernetes/clock.js'
import { createAddressesProvider } from '../loadbalancer/addresses/provider.js'
import type { PlannedStep, Provider } from '../loadbalancer/provider.js'
import {
  addAlibabaFlags,
  alibabaOf,
  checkAlibabaFlags,
  completeAlibabaFlags,
  type AlibabaFlags,
} from './alibaba-flags.js'
import { goSwitch } from './go-flags.js'
import { StartError } from './serve/start-error.js'

/** What `serve` and `loadbalancer` take to know who gives Services of type LoadBalancer their addresses. */
export interface LoadBalancerFlags extends AlibabaFlags {
  readonly loadbalancer: 'off' | 'addresses' | 'alibaba'
  readonly loadbalancerTakeOver?: boolean
  /** `namespace/name`; '': none. */
  readonly loadbalancerAddressesConfigmap: string
}

export function addLoadBalancerFlags(command: Command): Command {
  return addAlibabaFlags(command)
    .addOption(
      new Option('--loadbalancer <provider>', 'who gives Services of type LoadBalancer their addresses')
        .choices(['off', 'addresses', 'alibaba'])
        .default('off'),
    )
    .addOption(
      goSwitch(
        'loadbalancer-take-over',
        "also serve Services that carry another controller's finalizer, labels or address",
      ),
    )
    .option('--loadbalancer-addresses-configmap <ns/name>', 'ConfigMap with the pools of --loadbalancer addresses', '')
}

/** What the flags cannot be. Throws a StartError. */
export function checkLoadBalancerFlags(flags: LoadBalancerFlags): void {
  const { loadbalancer, loadbalancerAddressesConfigmap: configMap } = flags
  if (loadbalancer === 'alibaba') checkAlibabaFlags(flags)
  if (loadbalancer === 'addresses' && !/^[^/]+\/[^/]+$/.test(configMap))
    throw new StartError(
      `--loadbalancer addresses needs a ConfigMap with its pools: --loadbalancer-addresses-configmap is ${JSON.stringify(configMap)}; expected namespace/name.`,
    )
}

/** With what can be found out in place of flags that were not given. Throws a StartError. */
export async function completeLoadBalancerFlags<Flags extends LoadBalancerFlags>(
  flags: Flags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Flags> {
  return flags.loadbalancer === 'alibaba' ? completeAlibabaFlags(flags, environment) : flags
}

export interface ProviderParts {
  readonly client: KubernetesClient
  readonly clock: Clock
  log(level: 'info' | 'warn', message: string): void
}

/** Whoever uses a provider does not know which one it is. */
export type UseOfProvider<T> = <Existing, Step extends PlannedStep>(provider: Provider<Existing, Step>) => T

/** Calls `use` with the provider of the flags; undefined: there is none. Throws a StartError. */
export function withProvider<T>(flags: LoadBalancerFlags, parts: ProviderParts, use: UseOfProvider<T>): T | undefined {
  checkLoadBalancerFlags(flags)
  switch (flags.loadbalancer) {
    case 'off':
      return undefined
    case 'alibaba':
      return use(alibabaOf(flags, parts.clock))
    case 'addresses':
      return use(createAddressesProvider({ ...parts, configMap: flags.loadbalancerAddressesConfigmap }))
  }
}
