import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Letters, Match } from '../../model/match.js'
import { MATCH_LIMIT, type PatternVerdict } from '../../nginx/pattern.js'
import { startLineProcess, type LineProcess } from './line-process.js'
import { type LuaEngine, luaFrame, luaFrameArguments } from './lua-frame.js'

/** A pattern and a text, both bytes. */
export interface MatchQuestion {
  readonly pattern: string
  readonly text: string
  readonly letters: Letters
}

export type PatternAnswers<T> =
  | { readonly ok: true; readonly answers: readonly T[] }
  | { readonly ok: false; readonly cause: string }

/** PCRE2 outside of requests: the engine's own library, compiling and matching as the edge does. */
export interface PatternHelper {
  /** Whether the engine can compile them; in the order of the patterns. */
  compile(patterns: readonly string[]): Promise<PatternAnswers<PatternVerdict>>
  /** What the edge would be told; in the order of the questions. */
  match(questions: readonly MatchQuestion[]): Promise<PatternAnswers<Match>>
  /** Ends the process; it would also end with this one. */
  stop(): Promise<void>
}

/** Longer than compiling ten thousand patterns takes on a slow machine. */
const DEADLINE_MILLISECONDS = 30_000

/**
 * NGINX's own regular expressions in a process of the engine that goes no further than `init_by_lua` and answers there
 * until its input closes: the same library, options and match limit as in a request. It is started at the first question,
 * and again at the next one if it ended.
 */
export function createPatternHelper(engine: LuaEngine, deadlineMilliseconds = DEADLINE_MILLISECONDS): PatternHelper {
  let running: Promise<Started> | undefined

  async function ask(question: readonly unknown[]): Promise<PatternAnswers<unknown>> {
    running ??= start(engine, deadlineMilliseconds)
    const started = await running
    if (!started.ok) {
      running = undefined
      return started
    }
    const answer = await started.process.ask(JSON.stringify(question))
    if (!answer.ok) {
      if (started.process.ended) running = undefined
      return { ok: false, cause: `The pattern helper of ${engine.command.at(-1) ?? ''} failed: ${answer.cause}.` }
    }
    return { ok: true, answers: readList(answer.line) }
  }

  return {
    async compile(patterns) {
      if (patterns.length === 0) return { ok: true, answers: [] }
      const asked = await ask(['compile', patterns])
      if (!asked.ok) return asked
      return { ok: true, answers: patterns.map((pattern, i) => readVerdict(pattern, asked.answers[i])) }
    },
    async match(questions) {
      if (questions.length === 0) return { ok: true, answers: [] }
      const asked = await ask([
        'match',
        questions.map(({ pattern, text, letters }) => [pattern, text, letters === 'caseless' ? 'joi' : 'jo']),
      ])
      if (!asked.ok) return asked
      return { ok: true, answers: questions.map((_, i) => readMatch(asked.answers[i])) }
    },
    async stop() {
      const started = await running
      running = undefined
      if (started?.ok === true) await started.process.stop()
    },
  }
}

type Started = { readonly ok: true; readonly process: LineProcess } | { readonly ok: false; readonly cause: string }

async function start(engine: LuaEngine, deadlineMilliseconds: number): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-patterns-'))
  try {
    const file = join(folder, 'frame.conf')
    await writeFile(file, luaFrame(folder, engine, `lua_regex_match_limit ${MATCH_LIMIT};`, program))
    const process = startLineProcess([...engine.command, ...luaFrameArguments(folder, file)], deadlineMilliseconds)
    // The first answer says that the frame was read, so that the folder is not needed any more.
    const ready = await process.ask('["compile",[]]')
    if (ready.ok) return { ok: true, process }
    await process.stop()
    return { ok: false, cause: `The pattern helper did not start: ${ready.cause}.` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * An answer to `compile` is a list of the compiler's errors, "" where there is none; to `match`, of lists of captures,
 * "none" or "failed". What is only compiled is not kept: that is the option `o`.
 */
const program = `
  local cjson = require "cjson"
  local answers = {}
  function answers.compile(pattern)
    local _, err = ngx.re.match("", pattern, "ji")
    return err and err:find("_compile() failed: ", 1, true) and err or ""
  end
  function answers.match(question)
    local found, err = ngx.re.match(question[2], question[1], question[3])
    if err then return "failed" end
    if not found then return "none" end
    local captures = {}
    for i = 0, #found do captures[i + 1] = found[i] or "" end
    return captures
  end
  for line in io.lines() do
    local question = cjson.decode(line)
    local answer, list = answers[question[1]], {}
    for i, one in ipairs(question[2]) do list[i] = answer(one) end
    io.write(#list == 0 and "[]" or cjson.encode(list), "\\n")
    io.flush()
  end
  os.exit(0)`

/** Our own program wrote it, so a line that is no list is a mistake of ours. */
function readList(line: string): readonly unknown[] {
  const list: unknown = JSON.parse(line)
  if (!Array.isArray(list)) throw new Error(`The pattern helper answered ${line}`)
  return list
}

function readMatch(answer: unknown): Match {
  if (Array.isArray(answer)) return { kind: 'match', captures: answer.map(String) }
  return answer === 'none' ? { kind: 'none' } : { kind: 'failed' }
}

/** `pcre2_compile() failed: REASON in "PATTERN"`, then ` at "REST"` unless that is the end; cut off after 255 bytes. */
function readVerdict(pattern: string, answer: unknown): PatternVerdict {
  if (answer === '') return { kind: 'valid' }
  const message = String(answer)
  const reason = /_compile\(\) failed: (.*?) in "/s.exec(message)?.[1] ?? message
  if (message.endsWith(` in "${pattern}"`)) return { kind: 'refused', reason, position: pattern.length }
  const rest = message.split(`" at "`).at(-1)?.slice(0, -1) ?? ''
  const told = message.endsWith(`"${pattern}" at "${rest}"`) && pattern.endsWith(rest)
  return { kind: 'refused', reason, position: told ? pattern.length - rest.length : undefined }
}
