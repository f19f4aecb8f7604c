import type { Command } from 'commander'
import { checkRules } from './alerts/check.js'
import { listAlerts, type ListFlags } from './alerts/list.js'
import { testChannels, type TestFlags } from './alerts/test-channels.js'

/** `fairlead alerts`: those of a running controller, a file of rules, its channels. */
export function addAlerts(program: Command): void {
  const alerts = program.command('alerts').description('show what is firing, check a file of rules, try its channels')
  alerts
    .command('list', { isDefault: true })
    .description('show rules, incidents, silences and channels of a running controller; exit 1 if something is firing')
    .requiredOption('--admin <url>', 'its admin port, such as http://127.0.0.1:8090; the URL it printed will do')
    .option('--admin-token-file <file>', 'file with its token (also FAIRLEAD_ADMIN_TOKEN, or #token=… in the URL)')
    .option('--json', 'print JSON for programs')
    .action((flags: ListFlags) => listAlerts(flags))
  alerts
    .command('check')
    .argument('<file>', 'rules, channels and silences, as for serve --alert-rules')
    .description('list every problem of a file of rules; exit 1 if there are any')
    .option('--json', 'print JSON for programs')
    .action((file: string, flags: { readonly json?: boolean }) =>
      checkRules(file, flags.json === true ? 'json' : 'text'),
    )
  alerts
    .command('test')
    .argument('<file>', 'the file with the channels')
    .description('send a test to each channel, once; exit 1 if one does not take it')
    .option('--alert-secrets <folder>', 'as for serve (default: where the file is)')
    .option('--channel <name>', 'only to this one')
    .action((file: string, flags: TestFlags) => testChannels(file, flags))
}
