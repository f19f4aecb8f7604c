import { expect, test } from 'vitest'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { writeOneApp } from './one-app.js'
import { makeOtherVersion } from './other-version.js'
import { createProgram, until } from './program.js'

test('a fault of our own code refuses what it was asked for, and is a problem', async () => {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  try {
    writeOneApp(program, backend)
    const broken = 'function ____exports.route()\n    if ngx.var.uri == "/broken" then error("broken on purpose") end\n'
    const home = makeOtherVersion(program, (lua) => lua.replace('function ____exports.route()\n', broken))
    await program.start(home, ['--enable-metrics'])
    expect(await get(program.http, 'app.test', '/broken')).toMatchObject({
      status: 503,
      body: expect.not.stringContaining('one') as string,
    })
    expect(await get(program.http, 'app.test', '/')).toEqual({ status: 200, body: 'one' })
    await until(
      () => Promise.resolve(/The Lua of NGINX failed: route\.lua:\d+: broken on purpose\./.test(program.log())),
      20_000,
    )
    const counted = /^nginx_ingress_controller_requests\{.*host="app\.test".*status="503".*\} 1$/m
    await until(async () => counted.test(await readMetrics(program.health)), 20_000)
  } finally {
    await program.remove()
    backend.close()
  }
})

async function readMetrics(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}
