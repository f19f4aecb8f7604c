import { Command } from 'commander'
import { addAdmissionCertificate } from './admission-certificate.js'
import { addAlerts } from './alerts.js'
import { addAnnotations } from './annotations.js'
import { addAnnounce } from './announce.js'
import { addCheck } from './check.js'
import { addDiagnose } from './diagnose.js'
import { addExplain } from './explain.js'
import { nameUnknownFlags, normaliseArguments, switchesOf } from './go-flags.js'
import { addLoadBalancer } from './loadbalancer.js'
import { addLogs } from './logs.js'
import { endWithoutOutput } from './output.js'
import { addProblems } from './problems.js'
import { addServe } from './serve.js'
import { addStatus } from './status.js'
import { addStop } from './stop.js'
import { addVersion, ownVersion } from './version.js'

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

addServe(program)
addExplain(program)
addCheck(program)
addAnnotations(program)
addProblems(program)
addVersion(program)
addStop(program)
addStatus(program)
addDiagnose(program)
addAdmissionCertificate(program)
addLogs(program)
addLoadBalancer(program)
addAnnounce(program)
addAlerts(program)

const commands = program.commands.flatMap((command) => [command, ...command.commands])
const switches = switchesOf(commands.flatMap(({ options }) => options))
const known = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)))
const words = nameUnknownFlags(process.argv.slice(2), known)
await program.parseAsync(normaliseArguments(words, switches), { from: 'user' })
