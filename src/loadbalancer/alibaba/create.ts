import type { Clock } from '../../kubernetes/clock.js'
import { createCloudClient } from './client.js'
import { keySources } from './credential-sources.js'
import { createCredentials } from './credentials.js'
import { overridesOf } from './endpoints.js'
import { metadataOf } from './instance-metadata.js'
import { type AlibabaProvider, createAlibabaProvider } from './provider.js'
import type { ClusterFacts } from './settings.js'

export interface AlibabaSettings extends ClusterFacts {
  /** Endpoints of the cloud with addresses of the internet, or those within a VPC. */
  readonly network: 'internet' | 'vpc'
  /** Folder with an access key; '': none. */
  readonly keyFolder: string
}

const ADDON_TOKEN = '/var/addon/token-config'

/** The provider with calls to the real cloud, or to where the environment says it is. Nothing is sent yet. */
export function createAlibaba(
  settings: AlibabaSettings,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): AlibabaProvider {
  const { region, network, keyFolder } = settings
  const sts = environment['STS_ENDPOINT'] ?? `https://sts${network === 'vpc' ? '-vpc' : ''}.${region}.aliyuncs.com`
  const sources = keySources({
    environment,
    tokenFile: ADDON_TOKEN,
    keyFolder,
    sts: new URL(sts),
    metadata: metadataOf(environment),
    wall: () => clock.wall(),
  })
  const cloud = createCloudClient({
    endpoints: { region, network, overrides: overridesOf(environment) },
    credentials: createCredentials(sources, () => clock.wall()),
    clock,
    random: Math.random,
    // Calls end by their own time limits; who stops leading asks for no more.
    signal: new AbortController().signal,
  })
  return createAlibabaProvider({ cloud, facts: settings, now: () => clock.now() })
}
