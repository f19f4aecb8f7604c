import { Option, type Command } from 'commander'
import type { Clock } from '../kubernetes/clock.js'
import { createAlibaba } from '../loadbalancer/alibaba/create.js'
import type { AlibabaProvider } from '../loadbalancer/alibaba/provider.js'
import { StartError } from './serve/start-error.js'

/** What `--loadbalancer alibaba` needs to know. */
export interface AlibabaFlags {
  readonly loadbalancerTakeOver?: boolean
  readonly alibabaRegion: string
  readonly alibabaClusterId: string
  readonly alibabaVpcId: string
  readonly alibabaVswitchId: string
  readonly alibabaBackends: 'ecs' | 'eni'
  readonly alibabaNetwork: 'internet' | 'vpc'
  readonly alibabaKeyFolder: string
}

export function addAlibabaFlags(command: Command): Command {
  return command
    .option('--alibaba-region <id>', 'region of --loadbalancer alibaba, such as cn-hangzhou', '')
    .option('--alibaba-cluster-id <id>', 'tells the clusters of an account apart, in tags and names', '')
    .option('--alibaba-vpc-id <id>', 'VPC of the cluster', '')
    .option('--alibaba-vswitch-id <id>', 'VSwitch of intranet instances that name none', '')
    .addOption(
      new Option('--alibaba-backends <kind>', 'backends are nodes (ecs), or pods with network interfaces (eni: Terway)')
        .choices(['ecs', 'eni'])
        .default('ecs'),
    )
    .addOption(
      new Option('--alibaba-network <kind>', 'which endpoints of the cloud are asked')
        .choices(['vpc', 'internet'])
        .default('vpc'),
    )
    .option('--alibaba-key-folder <dir>', 'folder with the files access-key-id and access-key-secret', '')
}

const needed = [
  ['--alibaba-region', 'alibabaRegion'],
  ['--alibaba-cluster-id', 'alibabaClusterId'],
  ['--alibaba-vpc-id', 'alibabaVpcId'],
] as const

/** What the flags cannot be. Throws a StartError. */
export function checkAlibabaFlags(flags: AlibabaFlags): void {
  const missing = needed.filter(([, key]) => !/^[A-Za-z0-9_-]{1,64}$/.test(flags[key])).map(([name]) => name)
  if (missing.length > 0)
    throw new StartError(`--loadbalancer alibaba needs ${missing.join(', ')}: letters, digits, - and _, at most 64.`)
}

export function alibabaOf(flags: AlibabaFlags, clock: Clock): AlibabaProvider {
  const settings = {
    region: flags.alibabaRegion,
    cluster: flags.alibabaClusterId,
    vpc: flags.alibabaVpcId,
    vswitch: flags.alibabaVswitchId,
    backends: flags.alibabaBackends,
    takeOver: flags.loadbalancerTakeOver === true,
    network: flags.alibabaNetwork,
    keyFolder: flags.alibabaKeyFolder,
  }
  return createAlibaba(settings, process.env, clock)
}
