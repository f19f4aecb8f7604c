import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { until } from './program.js'

/** A command that runs where it has mounts of its own; nothing of the machine changes. */
export interface Started {
  readonly process: ChildProcess
  /** What it wrote to standard error so far. */
  log(): string
  /** Waits until `/readyz` of the port says so, as long as a machine with much else to do may take. */
  ready(healthPort: number): Promise<void>
  /** SIGTERM; gives the exit code. */
  end(): Promise<number | null>
}

const READY_MILLISECONDS = 90_000

/**
 * Runs a command in a mount namespace of its own, in which `script` (sh) has made mounts; `"$1"` and so on are `words`.
 * Needs root, or a kernel that lets users have namespaces.
 */
export function startInMountNamespace(
  script: string,
  words: readonly string[],
  command: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Started {
  const isRoot = process.getuid?.() === 0
  const own = isRoot ? ['--mount'] : ['--mount', '--map-root-user']
  // A user is root for the mounts alone, and itself again for the command.
  const again = isRoot ? '' : `unshare --user --map-user=${process.getuid?.()} --map-group=${process.getgid?.()}`
  const possible = spawnSync('unshare', [...own, 'true'], { encoding: 'utf8' })
  if (possible.status !== 0) throw new Error(`This test needs a mount namespace of its own: ${possible.stderr}`)
  const whole = `set -e\n${script}\nshift ${words.length}\nexec ${again} "$@"`
  return watch(spawn('unshare', [...own, 'sh', '-c', whole, 'sh', ...words, ...command], options(environment)))
}

/** The same for a command that needs no mounts. */
export function startCommand([program = '', ...args]: readonly string[], environment: NodeJS.ProcessEnv): Started {
  return watch(spawn(program, args, options(environment)))
}

function options(env: NodeJS.ProcessEnv): { stdio: ['ignore', 'ignore', 'pipe']; env: NodeJS.ProcessEnv } {
  return { stdio: ['ignore', 'ignore', 'pipe'], env }
}

function watch(child: ChildProcess): Started {
  let written = ''
  child.stderr?.on('data', (bytes: Buffer) => (written += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    process: child,
    log: () => written,
    ready: (port) =>
      until(async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${written}`)
        return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200
      }, READY_MILLISECONDS),
    end() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
