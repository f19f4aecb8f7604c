import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Engine } from '../../src/apply/engine/engine.js'
import type { Document } from '../../src/model/documents.js'
import type { Match } from '../../src/model/match.js'
import { compiledOnce } from '../support/compiled-once.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Names of functions in answers.ts. */
type AnswerName =
  | 'answerDecide'
  | 'answerCertificate'
  | 'answerNormalise'
  | 'answerRequest'
  | 'answerEscapes'
  | 'answerBytes'
  | 'answerPoolKey'

/** The shared code in the engine's own LuaJIT. Strings are bytes, one character per byte. */
export interface LuaRuntime<Name extends string = AnswerName> {
  /** As the runtime names itself. */
  readonly version: string
  /** Of what was compiled; files below it as in the repository. */
  readonly folder: string
  setTable(documents: ReadonlyMap<string, Document>): Promise<void>
  /** What the matches of the next calls come to, by a key that the file of answers makes; for those with `setMatches`. */
  setMatches(matches: Readonly<Record<string, Match>>): Promise<void>
  /** Calls a function of the file of answers once for each list of arguments. */
  call(name: Name, calls: readonly (readonly (string | undefined)[])[]): Promise<readonly string[]>
  stop(): Promise<void>
}

/**
 * Starts a long-lived LuaJIT of the engine on the shared code. `answers` is the file, beside this one, whose functions
 * can be called.
 */
export async function startLua<Name extends string = AnswerName>(
  engine: Engine,
  answers = 'answers',
): Promise<LuaRuntime<Name>> {
  if (engine.luajit === undefined) throw new Error(`This test needs the luajit of a fetched engine: ${engine.label}`)
  const compiled = await compile()
  const [program = '', ...args] = engine.luajit
  const child = spawn(program, [...args, join(root, 'test/shared/driver.lua'), compiled, `test.shared.${answers}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = []
  let received = ''
  child.stdout.setEncoding('latin1')
  child.stdout.on('data', (chunk: string) => {
    const lines = (received + chunk).split('\n')
    received = lines.pop() ?? ''
    for (const line of lines) waiting.shift()?.resolve(line)
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`LuaJIT ended with ${code}`))
  })
  const ask = async (message: unknown): Promise<readonly string[]> => {
    const line = new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }))
    child.stdin.write(`${JSON.stringify(message)}\n`, 'latin1')
    return readAnswers(JSON.parse(await line))
  }
  const [version = ''] = await ask(['table', {}])
  return {
    version,
    folder: compiled,
    async setTable(documents) {
      await ask(['table', Object.fromEntries(documents)])
    },
    async setMatches(matches) {
      await ask(['matches', matches])
    },
    call: (name, calls) => (calls.length === 0 ? Promise.resolve([]) : ask([name, calls])),
    async stop() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

function readAnswers(answer: unknown): readonly string[] {
  if (Array.isArray(answer)) return answer.map(String)
  throw new Error(`Lua: ${JSON.stringify(answer)}`)
}

/** With the settings of the edge, on the shared folders only: every file of answers. */
function compile(): Promise<string> {
  return compiledOnce('shared', async (into) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-lua-')))
    // Paths are relative: the compiler joins `paths` to them.
    const from = (path: string): string => relative(folder, join(root, path))
    const answers = (await readdir(join(root, 'test/shared'))).filter((file) => /(^|-)answers\.ts$/.test(file))
    const config = {
      extends: join(root, 'tsconfig.edge.json'),
      compilerOptions: {
        rootDir: root,
        outDir: into,
        typeRoots: [join(root, 'node_modules')],
        paths: { '#bytes': [from('src/edge/bytes.ts')] },
      },
      tstl: { luaPlugins: [{ name: join(root, 'build/resolve-js-to-ts.cjs') }] },
      include: [],
      files: answers.map((file) => join(root, 'test/shared', file)),
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await promisify(execFile)(join(root, 'node_modules/.bin/tstl'), ['-p', join(folder, 'tsconfig.json')]).catch(
      (error: { stdout?: string }) => {
        throw new Error(`The shared code does not compile to Lua: ${error.stdout ?? 'tstl did not start'}`)
      },
    )
    await rm(folder, { recursive: true })
  })
}
