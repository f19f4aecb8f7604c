import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Link } from '../../src/loadbalancer/announce/links.js'

const execute = promisify(execFile)

/** A bridge of this test's own, with machines on it: a network namespace each. Root. */
export interface Bridge {
  readonly machines: ReadonlyMap<string, Machine>
  /** Frames of ARP and ICMPv6 that passed the bridge so far, as hexadecimal digits. */
  readonly frames: readonly string[]
  end(): void
}

export interface Machine {
  readonly link: Link
  /** What goes before a command so that it runs there. */
  readonly enter: readonly string[]
  run(...words: readonly string[]): Promise<string>
}

export interface MachinePlan {
  /** Addresses with their networks: `10.99.0.1/24`. */
  readonly networks: readonly string[]
  /**
   * A network namespace that is there already, and stays: it gets the interface `lan0`. Without: one of its own, with
   * `eth0`.
   */
  readonly namespace?: string
}

/** By name. */
export async function startBridge(machines: Readonly<Record<string, MachinePlan>>): Promise<Bridge> {
  const id = `fl${process.pid}`
  const hub = `${id}-hub`
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bridge-'))
  const program = join(folder, 'frames')
  execFileSync('cc', ['-O1', '-Wall', '-o', program, fileURLToPath(new URL('frames.c', import.meta.url))])
  const made = Object.entries(machines).filter(([, { namespace }]) => namespace === undefined)
  const names = [hub, ...made.map(([name]) => `${id}-${name}`)]
  const end = (): void => {
    capture?.kill()
    for (const name of names) ignore(() => ip('netns', 'del', name))
    rmSync(folder, { recursive: true, force: true })
  }
  let capture: ReturnType<typeof spawn> | undefined
  try {
    for (const name of names) ip('netns', 'add', name)
    const inHub = (...words: readonly string[]): string => ip('-n', hub, ...words)
    inHub('link', 'add', 'br0', 'type', 'bridge')
    inHub('link', 'set', 'br0', 'up')
    const found = new Map<string, Machine>()
    for (const [name, { networks, namespace }] of Object.entries(machines)) {
      const own = namespace ?? `${id}-${name}`
      const link = namespace === undefined ? 'eth0' : 'lan0'
      inHub('link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', link, 'netns', own)
      inHub('link', 'set', `to-${name}`, 'master', 'br0', 'up')
      for (const network of networks)
        ip('-n', own, 'address', 'add', network, 'dev', link, ...(network.includes(':') ? ['nodad'] : []))
      for (const each of ['lo', link]) ip('-n', own, 'link', 'set', each, 'up')
      found.set(name, machine(own, link, networks))
    }
    const frames: string[] = []
    const child = spawn('ip', ['netns', 'exec', hub, program, 'br0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    capture = child
    await new Promise<void>((resolve, reject) => {
      let rest = ''
      child.once('error', reject)
      child.stdout.on('data', (bytes: Buffer) => {
        const lines = (rest + bytes.toString()).split('\n')
        rest = lines.pop() ?? ''
        if (lines[0] === 'ready') resolve()
        frames.push(...lines.filter((line) => line !== 'ready'))
      })
    })
    return { machines: found, frames, end }
  } catch (failure) {
    end()
    throw failure
  }
}

function machine(own: string, link: string, networks: readonly string[]): Machine {
  const enter = ['ip', 'netns', 'exec', own]
  const run = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await execute('ip', ['netns', 'exec', own, ...words])
    return stdout
  }
  const about = JSON.parse(ip('-j', '-n', own, 'link', 'show', link)) as readonly {
    address: string
  }[]
  const { address = '' } = about[0] ?? {}
  return { link: { name: link, mac: address, networks }, enter, run }
}

function ip(...words: readonly string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8' })
}

function ignore(act: () => void): void {
  try {
    act()
  } catch {
    // It is gone already.
  }
}
