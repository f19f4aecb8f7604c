import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../src/apply/engine/engine.js'
import { fetchedPrefixes, findEngine } from '../../src/apply/engine/find.js'
import type { EngineFacts } from '../../src/nginx/facts.js'
import { copyEngine } from '../support/copy-engine.js'
import { enginesForTests, theEngine } from '../support/engine.js'

let folder: string
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-engine-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** A program that says of itself what an NGINX would, and answers the probe with `probe`. */
function fakeNginx(version: string, configured = '', probe = 'missing: nothing'): string {
  return `#!/bin/sh
for argument; do
  if [ "$argument" = -V ]; then
    echo 'nginx version: ${version}' >&2
    echo 'configure arguments: --prefix=/nowhere ${configured}' >&2
    exit 0
  fi
done
echo '${probe}'
`
}

const luaBuiltIn = '--add-module=../ngx_lua-0.10.28'

async function place(content: string | Buffer, mode = 0o755, name = 'nginx'): Promise<string> {
  const file = join(folder, String(count++), 'sbin', name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
  await chmod(file, mode)
  return file
}

function elf(machine: number): Buffer {
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(machine, 18)
  return header
}

/** Discovery that sees neither the programs nor the private folder of this machine. */
function find(explicit: string | undefined, environment: Record<string, string> = {}) {
  const alone = { PATH: '', HOME: folder, FAIRLEAD_ENGINE_DIR: join(folder, 'empty') }
  return findEngine({ explicit, environment: { ...alone, ...environment }, architecture: 'x64', systemFolders: [] })
}

async function messageFor(file: string): Promise<string> {
  const result = await find(file)
  return result.ok ? `found ${result.engine.label}` : result.message
}

describe('an engine that cannot be used is refused with one sentence and the way out', () => {
  const wayOut = /Run "make engine".*OpenResty.*--nginx or FAIRLEAD_NGINX\.$/

  it('does not exist', async () => {
    const message = await messageFor(join(folder, 'absent'))
    expect(message).toContain(`${folder}/absent does not exist.`)
    expect(message).toMatch(wayOut)
  })

  it('is a folder that engine/fetch did not make', async () => {
    expect(await messageFor(folder)).toContain('is a folder, but not one made by engine/fetch.')
  })

  it('is not executable', async () => {
    const message = await messageFor(await place(fakeNginx('nginx/1.30.6', luaBuiltIn), 0o644))
    expect(message).toContain('is not executable.')
    expect(message).toMatch(wayOut)
  })

  it('was built for another architecture; it is not started', async () => {
    const message = await messageFor(await place(elf(183)))
    expect(message).toContain('was built for another architecture (arm64; this machine is x64).')
    expect(message).toMatch(wayOut)
  })

  it('is a script for a shell that does not exist', async () => {
    expect(await messageFor(await place('#!/nowhere/sh\n'))).toContain('could not be started (ENOENT).')
  })

  it('is something else', async () => {
    expect(await messageFor(await place('#!/bin/sh\necho hello\n'))).toContain('does not answer -V as NGINX does.')
  })

  it('is too old', async () => {
    const message = await messageFor(await place(fakeNginx('nginx/1.25.0', luaBuiltIn)))
    expect(message).toContain('too old: 1.25.1 or newer is needed')
    expect(message).toMatch(wayOut)
  })

  it('has no Lua module; the folders looked at are named', async () => {
    const message = await messageFor(await place(fakeNginx('nginx/1.30.6', '--modules-path=/nowhere/loadable')))
    expect(message).toContain('has no Lua module, neither built in nor in /nowhere/loadable, /nowhere/modules')
    expect(message).toMatch(wayOut)
  })

  it.each([
    ['missing: the Lua library cjson (package lua-cjson)', 'lacks the Lua library cjson (package lua-cjson).'],
    ['nothing of the kind', 'does not start with its Lua module'],
  ])('answers the probe with "%s"', async (answer, expected) => {
    expect(await messageFor(await place(fakeNginx('nginx/1.30.6', luaBuiltIn, answer)))).toContain(expected)
  })

  it.each([
    ['module \\"x\\" is not binary compatible', 'does not fit its Lua module, which was built for another NGINX.'],
    ['unknown directive \\"balancer_keepalive\\"', 'has a Lua module that is too old: 0.10.28 or newer is needed.'],
    ['mkdir() failed', 'does not start with its Lua module: mkdir() failed.'],
  ])('fails with %s', async (emergency, expected) => {
    const script = fakeNginx('nginx/1.30.6', luaBuiltIn, '').replace(
      "echo ''",
      `echo "nginx: [emerg] ${emergency}" >&2; exit 1`,
    )
    expect(await messageFor(await place(script))).toContain(expected)
  })

  it('nothing is found at all', async () => {
    const result = await find(undefined)
    expect(result.ok ? result.engine.label : result.message).toMatch(/^No NGINX with the Lua module was found/)
  })
})

describe('the order in which engines are taken', () => {
  it('--nginx goes before FAIRLEAD_NGINX', async () => {
    const flag = await place(fakeNginx('nginx/1.26.3', luaBuiltIn))
    const variable = await place(fakeNginx('nginx/1.28.0', luaBuiltIn))
    const result = await find(flag, { FAIRLEAD_NGINX: variable })
    expect(result).toMatchObject({ ok: true, engine: { version: '1.26.3', binary: flag, modules: [] } })
    expect(await find(undefined, { FAIRLEAD_NGINX: variable })).toMatchObject({ engine: { version: '1.28.0' } })
  })

  it('an engine that is named and does not work is not replaced by another', async () => {
    const good = await place(fakeNginx('nginx/1.30.6', luaBuiltIn))
    const result = await find(join(folder, 'absent'), { PATH: dirname(good) })
    expect(result).toMatchObject({ ok: false })
  })

  it('openresty goes before nginx on the PATH, and its own number is left out of the version', async () => {
    const nginx = await place(fakeNginx('nginx/1.30.6', luaBuiltIn))
    const openresty = await place(fakeNginx('openresty/1.27.1.2', luaBuiltIn), 0o755, 'openresty')
    const result = await find(undefined, { PATH: `${dirname(nginx)}:${dirname(openresty)}` })
    expect(result).toMatchObject({
      ok: true,
      engine: { version: '1.27.1', versionParts: [1, 27, 1], binary: openresty },
    })
  })

  it('an unfit openresty on the PATH does not hide a fit nginx', async () => {
    const nginx = await place(fakeNginx('nginx/1.30.6', luaBuiltIn))
    const openresty = await place(fakeNginx('openresty/1.19.9.1', luaBuiltIn), 0o755, 'openresty')
    const result = await find(undefined, { PATH: `${dirname(openresty)}:${dirname(nginx)}` })
    expect(result).toMatchObject({ ok: true, engine: { binary: nginx } })
  })

  it('loadable modules beside NGINX are found, the development kit first', async () => {
    const nginx = await place(fakeNginx('nginx/1.30.6'))
    const modules = join(dirname(nginx), '../modules')
    await mkdir(modules)
    await writeFile(join(modules, 'ngx_http_lua_module.so'), '')
    await writeFile(join(modules, 'ndk_http_module.so'), '')
    const result = await find(nginx)
    const expected = [join(modules, 'ndk_http_module.so'), join(modules, 'ngx_http_lua_module.so')]
    expect(result).toMatchObject({ ok: true, engine: { modules: expected } })
  })
})

describe('the module headers-more', () => {
  const MODULE = 'ngx_http_headers_more_filter_module.so'
  const builtIn = '--add-module=../headers-more-nginx-module-0.37'
  const refusing = (script: string): string =>
    script.replace("echo 'missing", `grep -q more_clear_headers "$argument" && exit 1\necho 'missing`)

  async function modulesOf(script: string, hasFile: 'file' | 'no file'): Promise<readonly string[] | undefined> {
    const nginx = await place(script)
    const modules = join(dirname(nginx), '../modules')
    await mkdir(modules)
    if (hasFile === 'file') await writeFile(join(modules, MODULE), '')
    const result = await find(nginx)
    if (!result.ok) throw new Error(result.message)
    return result.engine.headersMoreModules?.map((file) => relative(modules, file))
  }

  it.each([
    ['in a folder', '', 'file', [MODULE]],
    ['built in', builtIn, 'no file', []],
    ['built in, and not loaded once more', builtIn, 'file', []],
    ['absent', '', 'no file', undefined],
  ] as const)('%s', async (_, configured, hasFile, expected) => {
    expect(await modulesOf(fakeNginx('nginx/1.30.6', `${luaBuiltIn} ${configured}`), hasFile)).toEqual(expected)
  })

  it.each([
    ['in a folder', ''],
    ['built in', builtIn],
  ])('%s, and of no use to this NGINX, which will do without', async (_, configured) => {
    const script = refusing(fakeNginx('nginx/1.30.6', `${luaBuiltIn} ${configured}`))
    expect(await modulesOf(script, 'file')).toBeUndefined()
  })

  it('is not loaded from a file that is no module, or is one for another NGINX', async () => {
    const prefixes = await fetchedPrefixes(process.env)
    const place = join('usr/lib/nginx/modules', MODULE)
    for (const prefix of prefixes) {
      const others = prefixes.filter((other) => other !== prefix).map((other) => join(other, place))
      for (const module of ['/etc/passwd', ...others.filter((file) => existsSync(file))]) {
        const copy = await mkdtemp(join(folder, 'copy-'))
        copyEngine(prefix, copy, (name) => name !== MODULE)
        await symlink(module, join(copy, place))
        const found = await find(copy)
        expect(found).toMatchObject({ ok: true, engine: { headersMoreModules: undefined } })
      }
    }
  })

  it('takes the header Server out of answers of each engine that has it', async () => {
    for (const engine of await enginesForTests()) {
      if (engine.headersMoreModules === undefined) continue
      const loading = { ...engine, modules: [...engine.modules, ...engine.headersMoreModules] }
      const parts = { http: 'more_clear_headers Server;', location: 'return 204;' }
      const { headers } = await serving(loading, parts, (socket) => ask(socket, 'shop.example'))
      expect(headers, engine.label).toHaveProperty('date')
      expect(headers, engine.label).not.toHaveProperty('server')
    }
  })
})

describe('the private folder', () => {
  async function prefix(base: string, suite: string, nginx: string): Promise<string> {
    const made = join(base, suite)
    await mkdir(made, { recursive: true })
    await writeFile(join(made, 'manifest.json'), JSON.stringify({ suite, nginx, packages: [] }))
    return made
  }

  it('the newest NGINX comes first, by number; FAIRLEAD_ENGINE_SUITE picks one; unfinished folders do not count', async () => {
    const base = join(folder, 'order')
    const older = await prefix(base, 'older', '1.9.15')
    const newer = await prefix(base, 'newer', '1.30.6')
    await prefix(base, '.fetch-1', '1.99.0')
    await mkdir(join(base, 'no-manifest'))
    expect(await fetchedPrefixes({ FAIRLEAD_ENGINE_DIR: base })).toEqual([newer, older])
    expect(await fetchedPrefixes({ FAIRLEAD_ENGINE_DIR: base, FAIRLEAD_ENGINE_SUITE: 'older' })).toEqual([older])
  })

  it('lies in the cache folder of the user', async () => {
    const made = await prefix(join(folder, 'xdg/fairlead/engine'), 'forky', '1.30.6')
    const home = await prefix(join(folder, 'home/.cache/fairlead/engine'), 'forky', '1.30.6')
    expect(await fetchedPrefixes({ XDG_CACHE_HOME: join(folder, 'xdg'), HOME: '/nowhere' })).toEqual([made])
    expect(await fetchedPrefixes({ HOME: join(folder, 'home') })).toEqual([home])
  })

  it('is started through its own loader, with its own libraries', async () => {
    const made = await prefix(join(folder, 'loader'), 'forky', '1.30.6')
    const files: readonly [string, string][] = [
      ['usr/lib64/ld-linux-x86-64.so.2', '#!/bin/sh\nshift 2\nexec "$@"\n'],
      ['usr/sbin/nginx', fakeNginx('nginx/1.30.6')],
      ['usr/lib/nginx/modules/ngx_http_lua_module.so', ''],
      ['usr/lib/nginx/modules/ndk_http_module.so', ''],
    ]
    for (const [name, content] of files) {
      await mkdir(dirname(join(made, name)), { recursive: true })
      await writeFile(join(made, name), content, { mode: 0o755 })
    }
    const libraries = join(made, 'usr/lib/x86_64-linux-gnu')
    const command = [
      join(made, 'usr/lib64/ld-linux-x86-64.so.2'),
      '--library-path',
      libraries,
      join(made, 'usr/sbin/nginx'),
    ]
    const label = `nginx 1.30.6 (Debian forky, private folder ${made})`
    expect(await find(made)).toMatchObject({ ok: true, engine: { command, label } })
    expect(await find(join(made, 'usr/sbin/nginx'))).toMatchObject({ ok: true, engine: { command, label } })
    expect(await find(undefined, { FAIRLEAD_ENGINE_DIR: dirname(made) })).toMatchObject({ engine: { label } })
  })

  it('a fetched engine that does not work is said, not passed over for one on the PATH', async () => {
    const made = await prefix(join(folder, 'broken'), 'forky', '1.30.6')
    const good = await place(fakeNginx('nginx/1.30.6', luaBuiltIn))
    const result = await find(undefined, { FAIRLEAD_ENGINE_DIR: dirname(made), PATH: dirname(good) })
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('does not exist.') })
  })
})

describe('the engines of this machine', () => {
  it('the one that is taken is among those for tests', async () => {
    const labels = (await enginesForTests()).map(({ label }) => label)
    expect(labels).toContain((await theEngine()).label)
  })

  it('each answers a request through Lua, over the libraries that its paths name', async () => {
    for (const engine of await enginesForTests()) {
      const answer = await askThroughLua(engine)
      expect(answer).toEqual({ nginx: engine.version, cjson: true, lrucache: true })
    }
  })

  it.each<[keyof EngineFacts, FrameParts]>([
    ['keepaliveZero', { upstream: 'keepalive 0;' }],
    ['keepaliveMinTimeout', { http: 'keepalive_min_timeout 1s;' }],
    ['requestPortVariable', { location: 'add_header port "$request_port$is_request_port";' }],
    ['proxyHttp2', { location: 'proxy_http_version 2;' }],
    ['earlyHints', { location: 'early_hints 1;' }],
  ])('each takes what the fact %s stands for exactly if its version says so', async (fact, parts) => {
    for (const engine of await enginesForTests()) {
      expect(await accepts(engine, {}), engine.label).toBe(true)
      expect(await accepts(engine, parts), engine.label).toBe(engine.facts[fact])
    }
  })

  it('each refuses a Host that RFC 3986 does not allow exactly if its version says so', async () => {
    for (const engine of await enginesForTests()) {
      const statuses = await serving(engine, { location: 'return 204;' }, async (socket) => [
        (await ask(socket, 'shop.example')).status,
        (await ask(socket, 'shop"example')).status,
      ])
      expect(statuses, engine.label).toEqual([204, engine.facts.strictHosts ? 400 : 204])
    }
  })

  it('each fetched one brings a LuaJIT that is the branch of OpenResty and finds its libraries', async () => {
    for (const { luajit = [] } of await enginesForTests()) {
      const [program, ...args] = luajit
      if (program === undefined) continue
      const script = 'io.write(require("cjson").encode({ branch = type(require("thread.exdata")) == "function" }))'
      const { stdout } = await promisify(execFile)(program, [...args, '-e', script])
      expect(stdout).toBe('{"branch":true}')
    }
  })
})

/** Directives for the frame of a test, by their place. */
interface FrameParts {
  readonly http?: string
  readonly upstream?: string
  readonly location?: string
}

/** Writes a frame that listens on a Unix socket only; yields the program and the arguments that start it as one process. */
async function prepare(
  engine: Engine,
  { http = '', upstream = '', location = '' }: FrameParts,
): Promise<{ readonly socket: string; readonly program: string; readonly args: readonly string[] }> {
  const run = await mkdtemp(join(folder, 'run-'))
  const socket = join(run, 'socket')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const frame = `${engine.modules.map((file) => `load_module ${file};`).join('\n')}
daemon off; master_process off; pid ${run}/pid; events { }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${run}/${name};`).join(' ')}
  lua_package_path "${engine.luaPackagePath}"; lua_package_cpath "${engine.luaPackageCpath}";
  ${http}
  upstream any { server 127.0.0.1:1; ${upstream} }
  server { listen unix:${socket}; location / { ${location} } }
}`
  await writeFile(join(run, 'frame.conf'), frame)
  const [program = '', ...args] = engine.command
  return { socket, program, args: [...args, '-p', run, '-e', 'stderr', '-c', join(run, 'frame.conf')] }
}

/** Whether `nginx -t` takes the directives. */
async function accepts(engine: Engine, parts: FrameParts): Promise<boolean> {
  const { program, args } = await prepare(engine, parts)
  return promisify(execFile)(program, [...args, '-t']).then(
    () => true,
    () => false,
  )
}

/** Starts the engine, waits until it answers, and stops it after `use`. */
async function serving<T>(engine: Engine, parts: FrameParts, use: (socket: string) => Promise<T>): Promise<T> {
  const { socket, program, args } = await prepare(engine, parts)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  try {
    const deadline = Date.now() + 10_000
    while (!(await answers(socket))) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`${engine.label} does not answer\n${errors}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return await use(socket)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

function answers(socket: string): Promise<boolean> {
  return ask(socket).then(
    () => true,
    () => false,
  )
}

function askThroughLua(engine: Engine): Promise<unknown> {
  const location = `content_by_lua_block {
    local cjson = require("cjson.safe")
    ngx.say(cjson.encode({ nginx = ngx.var.nginx_version, cjson = true, lrucache = require("resty.lrucache").new ~= nil }))
  }`
  return serving(engine, { location }, async (socket) => JSON.parse((await ask(socket)).body))
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function ask(socketPath: string, host = 'engine'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/', headers: { host } }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}
