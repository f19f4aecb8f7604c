import { Option, type Command } from 'commander'
import type { Clock } from '../kubernetes/clock.js'
import { createAlibaba } from '../loadbalancer/alibaba/create.js'
import { metadataOf, readMetadata } from '../loadbalancer/alibaba/instance-metadata.js'
import type { AlibabaProvider } from '../loadbalancer/alibaba/provider.js'
import { StartError } from './serve/start-error.js'

/** What `--loadbalancer alibaba` needs to know. */
export interface AlibabaFlags {
  readonly loadbalancerTakeOver?: boolean
  readonly alibabaRegion: string
  readonly alibabaClusterId: string
  readonly alibabaVpcId: string
  /** Ids with commas between them. */
  readonly alibabaVswitchId: string
  readonly alibabaBackends: 'ecs' | 'eni'
  readonly alibabaNetwork: 'internet' | 'vpc'
  readonly alibabaKeyFolder: string
}

export function addAlibabaFlags(command: Command): Command {
  return command
    .option('--alibaba-region <id>', 'region of --loadbalancer alibaba; default that of the machine', '')
    .option('--alibaba-cluster-id <id>', 'tells the clusters of an account apart, in tags and names', '')
    .option('--alibaba-vpc-id <id>', 'VPC of the cluster; default that of the machine', '')
    .option(
      '--alibaba-vswitch-id <ids>',
      'VSwitch of intranet instances that name none, and the next ones where it is full; default that of the machine',
      '',
    )
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

/** What has to be known, and where the metadata service of an instance says it; '': nowhere. */
const needed = [
  ['--alibaba-region', 'alibabaRegion', 'region-id'],
  ['--alibaba-cluster-id', 'alibabaClusterId', ''],
  ['--alibaba-vpc-id', 'alibabaVpcId', 'vpc-id'],
] as const

const FORM = 'letters, digits, - and _, at most 64'

/** What the flags cannot be, whatever else is found out. Throws a StartError. */
export function checkAlibabaFlags(flags: AlibabaFlags): void {
  const bad = needed.filter(([, key, path]) => !isId(flags[key]) && (flags[key] !== '' || path === ''))
  if (bad.length > 0) throw new StartError(`--loadbalancer alibaba needs ${namesOf(bad)}: ${FORM}.`)
  if (!vswitchesOf(flags).every(isId))
    throw new StartError(`--alibaba-vswitch-id has to be ids with commas between them: ${FORM}.`)
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * With what the metadata service of the instance says in place of flags that were not given. Throws a StartError that
 * names the flag and what the service answered. Without a VSwitch it goes on: only intranet CLBs that name none need
 * one.
 */
export async function completeAlibabaFlags<Flags extends AlibabaFlags>(
  flags: Flags,
  environment: Environment,
): Promise<Flags> {
  const metadata = metadataOf(environment)
  const missing = needed.filter(([, key]) => flags[key] === '')
  const answers = await Promise.all(
    missing.map(async ([name, key, path]) => {
      const answer = await askMetadata(metadata, path)
      if (answer.ok) return [key, answer.id] as const
      throw new StartError(
        `--loadbalancer alibaba needs ${name}: it is not given, and the metadata service of the machine (${metadata.origin}) does not know it either: ${answer.message}.`,
      )
    }),
  )
  const found = Object.fromEntries(answers)
  if (flags.alibabaVswitchId !== '') return { ...flags, ...found }
  // Where all else was given it may be no machine of the cloud at all.
  const vswitch = await askMetadata(metadata, 'vswitch-id', missing.length > 0 ? undefined : SHORT_MILLISECONDS)
  return { ...flags, ...found, alibabaVswitchId: vswitch.ok ? vswitch.id : '' }
}

const SHORT_MILLISECONDS = 2000

type Answer = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly message: string }

async function askMetadata(metadata: URL, path: string, milliseconds?: number): Promise<Answer> {
  try {
    const id = (await readMetadata(metadata, `/latest/meta-data/${path}`, milliseconds)).trim()
    return isId(id) ? { ok: true, id } : { ok: false, message: `it says ${JSON.stringify(id.slice(0, 80))}` }
  } catch (cause) {
    return { ok: false, message: cause instanceof Error ? cause.message : String(cause) }
  }
}

function isId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text)
}

function vswitchesOf({ alibabaVswitchId: text }: AlibabaFlags): readonly string[] {
  return text === '' ? [] : text.split(',').map((id) => id.trim())
}

function namesOf(flags: readonly (readonly [name: string, ...rest: readonly string[]])[]): string {
  return flags.map(([name]) => name).join(', ')
}

/** Throws a StartError where something is missing that `completeAlibabaFlags` has not found. */
export function alibabaOf(flags: AlibabaFlags, clock: Clock): AlibabaProvider {
  checkAlibabaFlags(flags)
  const missing = needed.filter(([, key]) => flags[key] === '')
  if (missing.length > 0) throw new StartError(`--loadbalancer alibaba needs ${namesOf(missing)}: ${FORM}.`)
  const settings = {
    region: flags.alibabaRegion,
    cluster: flags.alibabaClusterId,
    vpc: flags.alibabaVpcId,
    vswitches: vswitchesOf(flags),
    backends: flags.alibabaBackends,
    takeOver: flags.loadbalancerTakeOver === true,
    network: flags.alibabaNetwork,
    keyFolder: flags.alibabaKeyFolder,
  }
  return createAlibaba(settings, process.env, clock)
}
