import type { Product } from './api.js'

export interface EndpointSettings {
  readonly region: string
  /** Names that are reached from within a VPC, without an address of the internet. */
  readonly network: 'internet' | 'vpc'
  /** Addresses such as `https://slb.example.com`, which come before the names of the cloud. */
  readonly overrides: Readonly<Partial<Record<Product, string>>>
}

const variables: Readonly<Record<Product, string>> = {
  slb: 'SLB_ENDPOINT',
  nlb: 'NLB_ENDPOINT',
  vpc: 'VPC_ENDPOINT',
  ecs: 'ECS_ENDPOINT',
}

/** Overrides from the environment: SLB_ENDPOINT, NLB_ENDPOINT, VPC_ENDPOINT, ECS_ENDPOINT; without a scheme it is HTTPS. */
export function overridesOf(environment: Readonly<Record<string, string | undefined>>): EndpointSettings['overrides'] {
  const found: Partial<Record<Product, string>> = {}
  for (const product of ['slb', 'nlb', 'vpc', 'ecs'] as const) {
    const text = environment[variables[product]]
    if (text !== undefined && text !== '') found[product] = text.includes('://') ? text : `https://${text}`
  }
  return found
}

/** Where a product listens. @source loadbalancer.md section 6.1 */
export function endpointOf(product: Product, { region, network, overrides }: EndpointSettings): URL {
  const override = overrides[product]
  if (override !== undefined) return new URL(override)
  return new URL(`https://${product}${network === 'vpc' ? '-vpc' : ''}.${region}.aliyuncs.com`)
}
