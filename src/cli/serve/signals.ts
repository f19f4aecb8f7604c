import { reasonOf } from '../../apply/state-folder.js'
import type { Log } from '../log.js'
import { outliveTerminals } from '../output.js'

/** Resolves at the first SIGTERM, SIGINT or SIGQUIT; a second one ends the process at once, and NGINX serves on. */
export function waitForStop(log: Log): Promise<void> {
  const keepAlive = setInterval(() => undefined, 3_600_000)
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        clearInterval(keepAlive)
        log('info', `${signal}: stopping`)
        resolve()
      })
    }
    outliveTerminals()
    process.on('SIGHUP', () => log('info', 'SIGHUP is ignored: changes are followed as they happen'))
    process.on('unhandledRejection', (cause) => log('error', `unhandled: ${reasonOf(cause)}`))
  })
}
