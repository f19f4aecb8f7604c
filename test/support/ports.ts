import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Where neither Linux takes the ports of connections from (`ip_local_port_range`) nor Kubernetes those of Services. */
const FIRST_PORT = 10_000
const LAST_PORT = 29_999

/**
 * Test files run beside each other, and so do two layers (test/layers): those of one worker take each port that leaves
 * this remainder.
 */
const STEP = 8
const WORKERS_OF_A_LANE = 4
const REMAINDER = (numberIn('VITEST_POOL_ID') + WORKERS_OF_A_LANE * numberIn('FAIRLEAD_TEST_LANE')) % STEP

/** Nine tenths of those that there are for a worker. */
const MOST = ((LAST_PORT - FIRST_PORT + 1) / STEP) * 0.9

/** A port is given once: whoever asked for it may not listen yet. */
const given = new Set<number>()

/**
 * Ports of this machine that nobody listens on. One that the kernel chooses would be lent to the next connection that
 * anybody opens.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = FIRST_PORT + randomInt((LAST_PORT - FIRST_PORT + 1) / STEP) * STEP + REMAINDER
    if (given.size >= MOST) throw new Error(`${given.size} ports were given to tests of this process, and few are left`)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

/** One of them. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}

function numberIn(variable: string): number {
  return Number(process.env[variable] ?? 0)
}
