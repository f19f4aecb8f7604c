import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LuaEngine, luaFrame, luaFrameArguments } from './lua-frame.js'
import { run } from './run.js'

/** What the Lua module has to have, as a Lua expression that yields the first thing missing, or "nothing". */
const question = `
  local function missing()
    local cjson = pcall(require, "cjson.safe")
    if not cjson then return "the Lua library cjson (package lua-cjson)" end
    local loaded, balancer = pcall(require, "ngx.balancer")
    if not loaded then return "the Lua library lua-resty-core" end
    if not balancer.enable_keepalive then return "keep-alive in balancer_by_lua (lua-resty-core is too old)" end
    return "nothing"
  end
  io.stdout:write("missing: ", missing(), "\\n")
  io.stdout:flush()
  os.exit(0)`

const UPSTREAM = 'upstream any { server 127.0.0.1:1; balancer_by_lua_block { } balancer_keepalive 1; }'

/**
 * Starts NGINX with its Lua module and a frame that listens nowhere, asks it one question while it initialises, and lets it
 * end there. `http`: directives that it has to know besides, in the block of that name.
 *
 * @returns undefined if all is well, otherwise what is wrong, as the end of the sentence "NGINX … "
 */
export async function probe(engine: LuaEngine, http = ''): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-probe-'))
  try {
    const frame = join(folder, 'frame.conf')
    await writeFile(frame, luaFrame(folder, engine, `${UPSTREAM} ${http}`, question))
    const { stdout, stderr, failure } = await run(engine.command, luaFrameArguments(folder, frame))
    const missing = /^missing: (.*)$/m.exec(stdout)?.[1]
    if (missing === 'nothing') return undefined
    if (missing !== undefined) return `lacks ${missing}.`
    return explain(failure ?? firstEmergency(stderr) ?? 'it ended without an answer')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function explain(reason: string): string {
  if (reason.includes('is not binary compatible'))
    return 'does not fit its Lua module, which was built for another NGINX.'
  if (reason.includes('"balancer_keepalive"')) return 'has a Lua module that is too old: 0.10.28 or newer is needed.'
  return `does not start with its Lua module: ${reason}.`
}

function firstEmergency(stderr: string): string | undefined {
  return (
    /\[(?:emerg|alert|error)\] (?:\d+#\d+: )?(.*)/.exec(stderr)?.[1] ??
    stderr
      .split('\n')
      .find((line) => line !== '')
      ?.trim()
  )
}
