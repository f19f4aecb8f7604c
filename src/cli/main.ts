import { Command } from 'commander'
import { addCheck } from './check.js'
import { addExplain } from './explain.js'
import { addServe } from './serve.js'
import { addStop } from './stop.js'
import { addVersion, ownVersion } from './version.js'

const program = new Command('fairlead')
  .description('Kubernetes Ingress for a real NGINX, without reloads')
  .version(ownVersion(), '--version', 'print the version')
  .showHelpAfterError('(run with --help for the flags)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

addServe(program)
addExplain(program)
addCheck(program)
addVersion(program)
addStop(program)

await program.parseAsync()
