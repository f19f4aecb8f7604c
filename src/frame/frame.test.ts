import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { factsOf } from '../nginx/facts.js'
import { printConfig } from '../nginx/print.js'
import { createProfile } from '../nginx/profile.js'
import { defaultFrameSettings, printFrame, type FrameInput } from './frame.js'
import { requestHeaders } from './request-headers.js'
import { luaUpstream } from './upstream.js'

const facts = factsOf('1.30.6')
const older = factsOf('1.26.3')

const input: FrameInput = {
  engine: {
    modules: ['/engine/ndk_http_module.so', '/engine/ngx_http_lua_module.so'],
    luaPackagePath: '/engine/lua/?.lua',
    luaPackageCpath: '/engine/lua/?.so',
    facts,
    headersMoreModules: ['/engine/ngx_http_headers_more_filter_module.so'],
  },
  paths: {
    pid: '/state/pid',
    errorLog: '/state/error.log',
    accessLog: '/state/access.log',
    streamLog: '/state/stream.log',
    spanLog: '/state/spans.log',
    controlSocket: '/state/private/control',
    temporary: '/state/temporary',
    snapshot: '/state/snapshot',
    lua: '/fairlead/lua',
    fallbackCertificate: '/state/fallback.crt',
    fallbackKey: '/state/fallback.key',
    quicKey: '/state/quic.key',
  },
  listeners: { httpPort: 8080, httpsPort: 8443, ipv4: true, ipv6: true },
  user: { name: 'nobody', group: 'nogroup' },
  workers: { processes: 'auto', shutdownTimeoutSeconds: 240, openFiles: 65_536 },
  tableBytes: 256 * 1024 * 1024,
  settings: defaultFrameSettings,
  generation: 7,
  format: '0123abcd',
  profiles: [
    createProfile([{ name: 'proxy_buffering', args: ['on'] }], () => '0123456789ab'),
    createProfile([{ name: 'client_max_body_size', args: ['8m'] }], () => 'cdef01234567'),
  ],
}

const withFacts = (other: FrameInput['engine']['facts']): FrameInput => ({
  ...input,
  engine: { ...input.engine, facts: other },
})

test('the whole frame', async () => {
  await expect(printFrame(input)).toMatchFileSnapshot('./frame.golden.conf')
})

test('same input, same text', () => {
  expect(printFrame({ ...input })).toBe(printFrame(input))
})

describe('answers of the default location pass no header filter of Lua', () => {
  const LUA = 'fairlead.headers()'
  const settings = defaultFrameSettings
  const inServer = (changes: Partial<FrameInput>): string => {
    const [, server = ''] = printFrame({ ...input, ...changes }).split('server_name _;')
    return server.split('location ')[0] ?? ''
  }

  test('where NGINX removes Server (REQ-3): all others have one each, and HTTPS-2 is the only word about HTTPS', () => {
    const [, ...locations] = printFrame(input).split('\n    location ')
    expect(inServer({})).not.toContain(LUA)
    expect(printFrame(input).match(/more_clear_headers Server;/g)).toHaveLength(2)
    const [http = '', https = '', ...more] = locations.filter((location) => location.startsWith('^~ / {'))
    expect(more).toEqual([])
    // Of usual requests over HTTP/2.
    const unsized = locations.filter((location) => /^@\S+_usual \{/.test(location))
    expect(unsized).toHaveLength(2)
    const others = locations.filter((location) => ![http, https, ...unsized].includes(location))
    expect([http, https, ...unsized].join('')).not.toContain(LUA)
    expect(
      [http, https, ...unsized].map((one) => one.includes('proxy_hide_header Strict-Transport-Security;')),
    ).toEqual([false, true, false, true])
    const without = others.filter((location) => !location.includes(LUA)).map((one) => one.split('\n')[0])
    // Those of the controller's socket.
    expect(without).toEqual(['/v1/connections {', '/ {'])
  })

  test('nor where the Server header may stay: the module is not asked for', () => {
    const shown = { settings: { ...settings, serverHeader: 'nginx' as const } }
    expect(inServer(shown)).not.toContain(LUA)
    expect(printFrame({ ...input, ...shown })).not.toMatch(/headers_more|more_clear/)
  })

  test.each([
    ['without the module', { engine: { ...input.engine, headersMoreModules: undefined } }],
    ['where every answer carries more', { settings: { ...settings, addsHeaders: true } }],
    ['with HTTP/3, whose address is said in answers', { settings: { ...settings, http3: true } }],
  ])('but they do %s, and so do those of NGINX itself', (_, changes) => {
    const text = printFrame({ ...input, ...changes })
    expect(inServer(changes)).toContain(LUA)
    expect(text.split(LUA)).toHaveLength(2)
    expect(text).not.toMatch(/headers_more|more_clear|@headed|proxy_hide_header|_set_header Host \$http_host/)
  })

  test('where one in front names the host, the default location sends what Lua writes of it', () => {
    const believed = { ...settings, clientAddress: { ...settings.clientAddress, forwarded: true } }
    const text = printFrame({ ...input, settings: believed })
    expect(text).toContain('@headed')
    expect(text).toContain('usual_headers = false')
    expect(text).not.toContain('_set_header Host $http_host')
  })
})

describe('HTTP/3', () => {
  const withHttp3 = (changes: Partial<FrameInput['settings']> = {}): string =>
    printFrame({ ...input, settings: { ...defaultFrameSettings, http3: true, ...changes } })
  const added = (text: string, than: string): readonly string[] => {
    // One server for HTTP and TLS says by variables what each of two knows.
    const inOneServer = (line: string): string =>
      line.replace(/ (?:8080|443);$/, ' $pass_port;').replace(/ https?;$/, ' $scheme;')
    const before = new Set(than.split('\n').flatMap((line) => [line, inOneServer(line)]))
    return text.split('\n').flatMap((line) => (before.has(line) ? [] : [line.trim()]))
  }

  test('costs a frame without it no line, and has these', () => {
    expect(added(withHttp3(), printFrame(input))).toEqual([
      'hides_server = true,',
      'bare_heads = false,',
      'usual_headers = false,',
      'http3 = true,',
      'map $http3 $asked_host {',
      'h3 $host$is_request_port$request_port;',
      'map $http3 $asked_upgrade {',
      'default $http_upgrade;',
      'h3 "";',
      'default $asked_host;',
      'map $asked_upgrade $connection_upgrade {',
      'default "$host $http_host $http_x_request_id $asked_upgrade $content_length$http_transfer_encoding$http2$http3";',
      'http3_max_concurrent_streams 128;',
      'listen 8443 quic reuseport default_server;',
      'listen [::]:8443 quic reuseport default_server;',
      'quic_retry on;',
      'quic_host_key /state/quic.key;',
      'header_filter_by_lua_block {',
      'fairlead.headers()',
      ...Array.from({ length: 6 }, () => 'proxy_set_header Upgrade $asked_upgrade;'),
    ])
  })

  test('listens where HTTPS does, on sockets of each worker, whatever else TCP does there', () => {
    const streams = { modules: [], ports: [], passthrough: true, script: '/s', first: '/f', resolver: '127.0.0.1:1' }
    const sockets = { control: '/c', tls: '/t', passed: '/p' }
    const text = printFrame({
      ...input,
      listeners: { ...input.listeners, addresses: ['192.0.2.1', '2001:db8::1'] },
      settings: { ...defaultFrameSettings, http3: true, reusePort: false },
      streams: { ...streams, sockets },
    })
    expect(text.match(/listen .* quic .*/g)).toEqual([
      'listen 192.0.2.1:8443 quic reuseport default_server;',
      'listen [2001:db8::1]:8443 quic reuseport default_server;',
    ])
  })

  test("users' texts with $http_host have the host over HTTP/3 too", () => {
    const line = [{ kind: 'variable', name: 'http_host' } as const]
    const text = withHttp3({
      accessLog: { line, escape: 'default', bufferBytes: 65_536, flushSeconds: 1 },
      backendHeaders: [['X-Host', line]],
    })
    expect(text).toContain('log_format upstreaminfo $asked_host;')
    expect(text).toContain('proxy_set_header X-Host $asked_host;')
    expect(text.match(/\$http_host/g)).toHaveLength(2)
  })
})

describe('what depends on the engine', () => {
  test('every Lua upstream has `keepalive 0` where NGINX would pool by itself (engine from 1.29.7), and only there', () => {
    for (const [each, lines] of [
      [facts, ['    keepalive 0;']],
      [older, []],
    ] as const) {
      const text = printFrame(withFacts(each))
      const upstreams = text.match(/^ {2}upstream [^]*?^ {2}}/gm) ?? []
      expect(upstreams).toHaveLength(text.split('balancer_by_lua_block').length - 1)
      for (const upstream of upstreams) {
        expect(upstream.split('\n').filter((line) => line.includes('keepalive') && !line.includes('balancer'))).toEqual(
          lines,
        )
      }
    }
  })

  test('an upstream printed alone has it too', () => {
    expect(printConfig([luaUpstream('other', 'f()', 10, facts)])).toContain('keepalive 0;')
    expect(printConfig([luaUpstream('other', 'f()', 10, older)])).not.toMatch(/^ *keepalive/m)
  })

  test('keepalive_min_timeout, without which a reload loses requests', () => {
    expect(printFrame(input)).toContain('keepalive_min_timeout 5s;')
    expect(printFrame(withFacts(older))).not.toContain('keepalive_min_timeout')
  })
})

describe('listeners', () => {
  const listens = (listeners: Partial<FrameInput['listeners']>): readonly string[] =>
    printFrame({ ...input, listeners: { ...input.listeners, ...listeners } }).match(/(?<=listen )\S+(?= |;)/g) ?? []
  const control = 'unix:/state/private/control'

  test('IPv4 and IPv6', () => {
    expect(listens({})).toEqual(['8080', '[::]:8080', '8443', '[::]:8443', control])
  })
  test('a machine without IPv6', () => {
    expect(listens({ ipv6: false })).toEqual(['8080', '8443', control])
  })
  test('a machine without IPv4', () => {
    expect(listens({ ipv4: false })).toEqual(['[::]:8080', '[::]:8443', control])
  })
  test('one address', () => {
    expect(listens({ addresses: ['127.0.0.1'] })).toEqual(['127.0.0.1:8080', '127.0.0.1:8443', control])
    expect(listens({ addresses: ['::1'] })).toEqual(['[::1]:8080', '[::1]:8443', control])
  })
})

describe('what depends on the machine', () => {
  test('no user line unless started as root', () => {
    expect(printFrame({ ...input, user: undefined })).not.toMatch(/^user /m)
  })
  test('open files as inherited', () => {
    expect(printFrame({ ...input, workers: { processes: 2, shutdownTimeoutSeconds: 240 } })).not.toContain(
      'rlimit_nofile',
    )
  })
  test('never a shutdown before kept connections may be closed', () => {
    const text = printFrame({ ...input, workers: { processes: 2, shutdownTimeoutSeconds: 2 } })
    expect(text).toContain('worker_shutdown_timeout 10s;')
  })
  test('a path that NGINX could take for something else is refused', () => {
    expect(() => printFrame({ ...input, paths: { ...input.paths, pid: '/a$b' } })).toThrow(/\$/)
  })
  test('a path with blanks, quotes, braces stays one argument', () => {
    const snapshot = '/a b/"};{'
    const text = printFrame({ ...input, paths: { ...input.paths, pid: snapshot, snapshot } })
    expect(text).toContain(String.raw`pid "/a b/\"};{";`)
    expect(text).toContain(String.raw`snapshot = "/a b/\034\125\059\123"`)
  })
})

test('every location that proxies sends the same request headers (routing.md section 9), and only named ones are internal', () => {
  const text = printFrame(input)
  const [, http = '', https = '', control = ''] = text.split('\n  server {')
  const inside = (server: string): readonly string[] => server.match(/^ {4}location [^]*?^ {4}}/gm) ?? []
  const locations = inside(http)
  const nameOf = (location: string): string | undefined => /location (.*) \{/.exec(location)?.[1]
  expect(inside(https).map(nameOf)).toEqual(locations.map(nameOf))
  const overTls = (location: string): string =>
    location.replaceAll('X-Forwarded-Port 8080;', 'X-Forwarded-Port 443;').replaceAll(' http;', ' https;')
  expect(inside(https).slice(1, -1)).toEqual(locations.slice(1, -1).map(overTls))
  const errors = locations.find((location) => location.includes('location @error'))
  const proxying = locations.filter((location) => location !== errors && location.includes('proxy_pass http'))
  expect(proxying).toHaveLength(4 + 2 * input.profiles.length)
  const headers = proxying.map((location) => location.split('\n').filter((line) => line.includes('proxy_set_header')))
  for (const each of headers.slice(1, -1)) expect(each).toEqual(headers[1])
  expect(headers.at(-1)).toEqual(headers[0])
  const usual = (line: string): string =>
    line.replace(/\$(backend|upstream)_host/, '$http_host').replace(/\$(http|connection)_upgrade/, '""')
  expect(headers[0]).toEqual(headers[1]?.map(usual))
  expect(headers[0]).toHaveLength(requestHeaders(defaultFrameSettings).length)
  const count = (part: string | undefined): number => part?.split('proxy_set_header ').length ?? 0
  expect(count(http) - 1).toBe(requestHeaders(defaultFrameSettings).length * proxying.length + count(errors) - 1)
  expect(locations.map(nameOf)).toEqual([
    '^~ /',
    // What begins with no slash.
    '~ ^',
    '@status',
    '@headed',
    '@awaited',
    '@error',
    '@fault',
    '@p_0123456789ab',
    '@p_0123456789ab_awaited',
    '@p_cdef01234567',
    '@p_cdef01234567_awaited',
    // The profile that is nothing but a limit of bodies, for usual requests over HTTP/2.
    '@p_cdef01234567_usual',
  ])
  expect(inside(control).map(nameOf)).toEqual(['/v1/connections', '/'])
})

test('ERR-2: an error backend gets these headers too, and nothing of the connection; the log phase is there for awaited requests', () => {
  const frame = printFrame({ ...input, settings: { ...input.settings, originalUri: true } })
  const location = /location @error [^]*?^ {4}\}/m.exec(frame)?.[0] ?? ''
  for (const [name] of requestHeaders(defaultFrameSettings)) expect(location).toContain(`proxy_set_header ${name} `)
  expect(location).toContain('proxy_set_header Connection "";')
  expect(location).toContain('proxy_set_header Upgrade "";')
  expect(location.split('proxy_set_header X-Original-URI $request_uri;')).toHaveLength(2)
  expect(location).toContain('proxy_set_body "";')
  expect(location).toContain('fairlead.end_request()')
  expect(location).not.toMatch(/error_page [0-9@]|intercept/)
})

test('metrics: what they need is in the frame with them, and nothing of it without', () => {
  const metrics = {
    times: [0.5],
    lengths: [1e7],
    sizes: [1e21],
    perHost: true,
    undefinedHosts: false,
    statusClasses: false,
    most: 7,
  }
  const frame = printFrame({ ...input, metrics })
  expect(frame).toContain('times = { 0.5 }, lengths = { 10000000 }, sizes = { 1e+21 }, perHost = true')
  for (const part of [/^ {4}log_by_lua_block \{/m, /lua_shared_dict fairlead_metrics/, /map "" \$observed/]) {
    expect(frame).toMatch(part)
    expect(printFrame(input)).not.toMatch(part)
  }
})

test('variables are declared in locations: in a server they would be wiped out by internal redirects', () => {
  const lines = printFrame(input)
    .split('\n')
    .filter((line) => /^ *set /.test(line))
  expect(lines).toHaveLength(2 * 9 + 3)
  expect(lines.every((line) => line.startsWith('      set '))).toBe(true)
})

test('whatever headers and log users have, NGINX knows the variables that Lua writes: it has those only that the file uses', () => {
  const folder = fileURLToPath(new URL('../edge/', import.meta.url))
  const written = new Set<string>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts')))
    for (const [, name = '', raw = ''] of readFileSync(join(folder, file), 'utf8').matchAll(
      /variables\['(\w+)'\] = |writeRaw\('(\w+)'/g,
    ))
      written.add(name + raw)
  for (const known of ['label', 'backend_host', 'connection_upgrade', 'route']) expect(written).toContain(known)
  const text = (name: string): readonly [string, readonly [{ kind: 'text'; text: string }]] => [
    name,
    [{ kind: 'text', text: 'own' }],
  ]
  const settings = {
    ...defaultFrameSettings,
    backendHeaders: ['Host', 'Connection', 'X-Request-ID', 'X-Forwarded-Host'].map(text),
    accessLog: undefined,
  }
  const lines = printFrame({ ...input, settings }).split('\n')
  const used = lines.filter((line) => !/^ *map /.test(line)).join('\n')
  // Those of spans and of FastCGI are in frames that have these.
  for (const name of written)
    if (name !== 'span' && name !== 'script_index') expect(used).toMatch(new RegExp(`\\$${name}\\b`))
})
