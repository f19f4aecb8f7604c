import { Command } from 'commander'
import { nameUnknownFlags, normaliseArguments, switchesOf } from './go-flags.js'
import { endWithoutOutput } from './output.js'
import { ownVersion } from './version.js'

/**
 * In the order in which help lists them. Only what is asked for is loaded, since most of the time of a short command is
 * loading code.
 */
const commands: ReadonlyMap<string, () => Promise<(program: Command) => void>> = new Map([
  ['serve', async () => (await import('./serve.js')).addServe],
  ['explain', async () => (await import('./explain.js')).addExplain],
  ['check', async () => (await import('./check.js')).addCheck],
  ['annotations', async () => (await import('./annotations.js')).addAnnotations],
  ['problems', async () => (await import('./problems.js')).addProblems],
  ['version', async () => (await import('./version.js')).addVersion],
  ['stop', async () => (await import('./stop.js')).addStop],
  ['status', async () => (await import('./status.js')).addStatus],
  ['diagnose', async () => (await import('./diagnose.js')).addDiagnose],
  ['admission-certificate', async () => (await import('./admission-certificate.js')).addAdmissionCertificate],
  ['logs', async () => (await import('./logs.js')).addLogs],
  ['loadbalancer', async () => (await import('./loadbalancer.js')).addLoadBalancer],
  ['announce', async () => (await import('./announce.js')).addAnnounce],
  ['alerts', async () => (await import('./alerts.js')).addAlerts],
])

/** What goes on whether or not anybody reads what it says. */
const servesOn: ReadonlySet<string> = new Set(['serve', 'announce'])

const program = new Command('fairlead')
  .description('Kubernetes Ingress for a real NGINX, without reloads')
  .version(ownVersion(), '--version', 'print the version')
  .showHelpAfterError('(run with --help for the flags)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .hook('preAction', (_, command) => {
    // Whoever could be told is gone.
    process.stderr.on('error', () => undefined)
    if (!servesOn.has(command.name())) endWithoutOutput()
  })

const given = process.argv.slice(2)
const asked = commands.get(given[0] ?? '')
for (const load of asked === undefined ? commands.values() : [asked]) (await load())(program)

const loaded = program.commands.flatMap((command) => [command, ...command.commands])
const switches = switchesOf(loaded.flatMap(({ options }) => options))
const known = new Set(loaded.flatMap(({ options }) => options.map(({ long }) => long)))
const words = nameUnknownFlags(given, known)
await program.parseAsync(normaliseArguments(words, switches), { from: 'user' })
