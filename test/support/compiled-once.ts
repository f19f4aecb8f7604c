import { createHash } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Where tools keep what they can make again; `npm ci` empties it. The other one is for whom this repository does not
 * belong to.
 */
const CACHES = [
  join(root, 'node_modules/.cache/fairlead'),
  join(tmpdir(), `fairlead-compiled-${process.getuid?.() ?? 0}`),
]

const SWEPT_AFTER_MILLISECONDS = 86_400_000

/** All that a compilation to Lua can depend on. */
const FOLDERS = ['src', 'test/shared', 'build']
const FILES = ['tsconfig.base.json', 'tsconfig.edge.json', 'package-lock.json']

/**
 * The folder of what was compiled from the sources as they are now: made by the first test file that asks, read by all
 * others. A compilation is seconds of CPU, and dozens of files need one of two.
 *
 * @param compile writes into the folder that it is given; where two ask at the same time both compile, and one result
 * is kept
 */
export async function compiledOnce(name: string, compile: (into: string) => Promise<void>): Promise<string> {
  const digest = await digestOfInputs()
  const names = CACHES.map((cache) => join(cache, `${name}-${digest}`))
  const found = names.find((folder) => existsSync(folder))
  if (found !== undefined) return found
  const cache = await writableCache()
  const kept = join(cache, `${name}-${digest}`)
  const made = `${kept}.${process.pid}`
  try {
    await compile(made)
    // A file was saved while it was compiled: this caller gets the result, and nobody else, for whom it would have the
    // wrong name.
    if ((await digestOfInputs()) !== digest) return made
    await rename(made, kept)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    if (!existsSync(kept)) throw error
  }
  await sweep(cache)
  return kept
}

async function writableCache(): Promise<string> {
  for (const cache of CACHES) {
    try {
      await mkdir(cache, { recursive: true, mode: 0o755 })
      await access(cache, constants.W_OK)
      return cache
    } catch (error) {
      if (!REFUSALS.has((error as NodeJS.ErrnoException).code)) throw error // Node's own
    }
  }
  throw new Error(`None of these folders can be written: ${CACHES.join(', ')}`)
}

const REFUSALS: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS'])

async function digestOfInputs(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of [...FILES, ...(await Promise.all(FOLDERS.map(filesIn))).flat()]) {
    const content = await readFile(join(root, file))
    hash.update(`${file} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => relative(root, join(parentPath, name))).sort()
}

/**
 * Of sources as they were: nobody uses it any more by then. What is gone when it is looked at was renamed or swept by
 * somebody else.
 */
async function sweep(cache: string): Promise<void> {
  const before = Date.now() - SWEPT_AFTER_MILLISECONDS
  for (const one of await readdir(cache)) {
    const found = await stat(join(cache, one)).catch(() => undefined)
    if (found !== undefined && found.mtimeMs < before) await rm(join(cache, one), { recursive: true, force: true })
  }
}
