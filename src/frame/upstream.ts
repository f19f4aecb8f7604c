import { block, luaBlock, simple, type Directive } from '../nginx/directive.js'
import type { EngineFacts } from '../nginx/facts.js'

/**
 * The one way to print an upstream whose endpoint is chosen by Lua.
 *
 * From 1.29.7 on every upstream has a pool of NGINX's own, which does not know the pool key of the Lua balancer: a
 * connection verified for one backend would serve another. `keepalive 0` switches it off, and is printed always where NGINX
 * knows it. The server is a placeholder on a closed port of this machine, dialled only if Lua chose nobody.
 *
 * @param poolSize idle connections that a worker keeps, over all endpoints (`balancer_keepalive`); with 0 Lua asks for none
 */
export function luaUpstream(name: string, lua: string, poolSize: number, facts: EngineFacts): Directive {
  return block(
    'upstream',
    [name],
    [
      simple('server', '127.0.0.1:1'),
      ...(facts.keepaliveZero ? [simple('keepalive', 0)] : []),
      luaBlock('balancer_by_lua_block', lua),
      simple('balancer_keepalive', Math.max(1, poolSize)),
    ],
  )
}
