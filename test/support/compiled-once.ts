import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where tools keep what they can make again; `npm ci` empties it. */
const cache = join(root, 'node_modules/.cache/fairlead')

/** All that a compilation to Lua can depend on. */
const INPUTS = ['src', 'test/shared', 'build', 'tsconfig.base.json', 'tsconfig.edge.json', 'package-lock.json']

/**
 * The folder of what was compiled from the sources as they are now: made by the first test file that asks, read by all others. A
 * compilation is seconds of CPU, and dozens of files need one of two.
 *
 * @param compile writes into the folder that it is given; where two ask at the same time both compile, and one result is kept
 */
export async function compiledOnce(name: string, compile: (into: string) => Promise<void>): Promise<string> {
  const kept = join(cache, `${name}-${await digestOfInputs()}`)
  if (existsSync(kept)) return kept
  await mkdir(cache, { recursive: true })
  await removeOthers(name)
  const made = `${kept}.${process.pid}`
  try {
    await compile(made)
    await rename(made, kept)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    if (!existsSync(kept)) throw error
  }
  return kept
}

async function digestOfInputs(): Promise<string> {
  const hash = createHash('sha256')
  for (const input of INPUTS) await addTo(hash, input)
  return hash.digest('hex').slice(0, 16)
}

async function addTo(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const names = await readdir(join(root, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (names !== undefined) {
    for (const name of names.sort()) await addTo(hash, `${path}/${name}`)
    return
  }
  const content = await readFile(join(root, path))
  hash.update(`${path} ${content.length}\n`).update(content)
}

/** Of sources as they were; not what somebody compiles at this moment. */
async function removeOthers(name: string): Promise<void> {
  const finished = new RegExp(`^${name}-[0-9a-f]{16}$`)
  for (const one of await readdir(cache))
    if (finished.test(one)) await rm(join(cache, one), { recursive: true, force: true })
}
