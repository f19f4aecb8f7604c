import type { RouteFeatures } from '../model/features.js'

/** Said where a Service has no endpoint and the firewall keeps the default-backend from its requests (docs/design/waf.md). */
export const NOT_INSPECTED =
  'The default-backend does not stand in: nobody would inspect what it gets (enable-modsecurity).'

/** The same behind a reason; empty where it is not so. */
export function whyNobodyStandsIn(features: RouteFeatures | undefined): string {
  return features?.inspected === true && features.errors?.backend !== undefined ? ` ${NOT_INSPECTED}` : ''
}
