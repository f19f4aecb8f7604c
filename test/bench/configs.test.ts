import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { backendConfig } from '../../bench/backend-config.js'
import { plainConfig } from '../../bench/plain-config.js'
import { run } from '../../src/apply/engine/run.js'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { defaultFrameSettings, printFrame, type FrameInput } from '../../src/frame/frame.js'
import { factsOf } from '../../src/nginx/facts.js'
import { theEngine } from '../support/engine.js'

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fairlead-bench-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const inputAt = (root: string): FrameInput => ({
  engine: { modules: [], luaPackagePath: '', luaPackageCpath: '', facts: factsOf('1.30.6') },
  paths: {
    pid: `${root}/pid`,
    errorLog: `${root}/error.log`,
    accessLog: `${root}/access.log`,
    streamLog: `${root}/stream.log`,
    spanLog: `${root}/spans.log`,
    controlSocket: `${root}/control`,
    temporary: `${root}/temporary`,
    snapshot: `${root}/snapshot`,
    lua: `${root}/lua`,
    fallbackCertificate: `${root}/crt`,
    fallbackKey: `${root}/key`,
    quicKey: `${root}/quic`,
  },
  listeners: { httpPort: 18080, httpsPort: 18443, ipv4: true, ipv6: false },
  user: undefined,
  workers: { processes: 1, shutdownTimeoutSeconds: 10 },
  tableBytes: 1024 * 1024,
  settings: defaultFrameSettings,
  generation: 1,
  format: 'f',
  profiles: [],
})

const plain = (root: string, hosts: number): string =>
  plainConfig(inputAt(root), { hosts, backendPort: 9000, certificate: () => `${root}/crt`, key: () => `${root}/key` })

const linesWith = (text: string, start: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith(start))

describe('plain NGINX', () => {
  const text = plain('/x', 3)
  // Named locations repeat what the default one says.
  const [frame = ''] = printFrame(inputAt('/x')).split('location @')

  test.each(['proxy_set_header', 'map', 'log_format', 'ssl_', 'keepalive_timeout 75s', 'proxy_buffer', 'client_'])(
    'is the frame in %s, but for the variables that Lua writes',
    (start) => {
      const translated = linesWith(frame, start)
        .filter(
          (line) =>
            !/^map \S+ \$(?:proxy_upstream_name|label|upstream_host|backend_host|asked|unlimited_bytes) |_by_lua|ssl_certificate/.test(
              line,
            ),
        )
        .map((line) =>
          line
            .replaceAll(/\$(upstream|backend)_host/g, '$http_host')
            .replaceAll('$proxy_alternative_upstream_name', ''),
        )
      expect(translated).not.toEqual([])
      expect(linesWith(text, start).filter((line) => !line.startsWith('ssl_certificate'))).toEqual(translated)
    },
  )

  test('holds no Lua', () => {
    expect(text).not.toMatch(/lua/i)
    expect(linesWith(text, 'access_log')).toEqual(['access_log /x/access.log upstreaminfo buffer=64k flush=1s;'])
  })

  test('has two servers and a pooled upstream of five endpoints for each host', () => {
    expect(linesWith(text, 'server_name h')).toHaveLength(6)
    expect(linesWith(text, 'upstream app-')).toHaveLength(3)
    expect(linesWith(text, 'server 127.')).toHaveLength(15)
    expect(linesWith(text, 'keepalive 320')).toHaveLength(3)
    expect(linesWith(text, 'add_header Strict-Transport-Security')).toHaveLength(3)
  })
})

test('NGINX takes what is printed, for the proxy and for the backend', async () => {
  const engine = await theEngine()
  const root = folder()
  const { certificate, key } = createSelfSigned({
    commonName: 'x',
    organization: 'x',
    names: ['x'],
    days: 1,
    now: Date.now(),
  })
  mkdirSync(`${root}/temporary`)
  writeFileSync(`${root}/crt`, certificate)
  writeFileSync(`${root}/key`, key)
  const { paths } = inputAt(root)
  const addresses = ['127.10.0.1', '127.10.0.2']
  const texts = [plain(root, 50), backendConfig({ addresses, port: 18081, statusPort: 18082, paths, user: undefined })]
  for (const text of texts) {
    writeFileSync(`${root}/nginx.conf`, text)
    const tested = await run(engine.command, ['-t', '-q', '-p', root, '-e', paths.errorLog, '-c', `${root}/nginx.conf`])
    expect(tested, JSON.stringify(tested)).toMatchObject({ exitCode: 0 })
  }
})
