import { start } from 'jit.opt'

/**
 * LuaJIT's limits, which are made for programs of one hot loop. A request through several features is a trace with more
 * constants than it allows ("trace too long"), and where many kinds of routes are in use, the traces of all of them
 * together would be thrown away again and again. All but the first are those of OpenResty's own build.
 * docs/design/request-cost.md.
 */
export function tuneCompiler(): void {
  start('maxirconst=2000', 'maxtrace=8000', 'maxrecord=16000', 'maxmcode=40960')
}
