import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultFrameSettings, printFrame, type FrameInput } from '../../src/frame/frame.js'
import { createProfile } from '../../src/nginx/profile.js'
import { factsOf } from '../../src/nginx/facts.js'
import { knownDirectives } from '../../src/nginx/known-directives.js'
import { unprintable } from '../../src/nginx/quote.js'
import { allDirectives, parseWithCrossplane, type ParsedDirective } from './crossplane.js'

/** Folders as a person could name them, and as nobody should. */
const folder = fc
  .array(fc.constantFrom('a', 'B', '1', ' ', '"', "'", '\\', ';', '{', '}', '#', '\n', 'é', '-- ', '[[', '%0a'), {
    maxLength: 12,
  })
  .map((characters) => `/${characters.join('')}`)
  .filter((path) => unprintable(path) === undefined)

const profile = fc
  .record({ megabytes: fc.integer({ min: 0, max: 5000 }), buffering: fc.constantFrom('on', 'off') })
  .map(({ megabytes, buffering }) =>
    createProfile(
      [
        { name: 'client_max_body_size', args: [`${megabytes}m`] },
        { name: 'proxy_buffering', args: [buffering] },
      ],
      (text) => createHash('sha256').update(text).digest('hex'),
    ),
  )

const input: fc.Arbitrary<FrameInput> = fc
  .record({
    version: fc.constantFrom('1.26.3', '1.30.6'),
    state: folder,
    root: fc.boolean(),
    processes: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 64 })),
    ipv4: fc.boolean(),
    ipv6: fc.boolean(),
    tableBytes: fc.integer({ min: 1024 * 1024, max: 2 ** 31 }),
    generation: fc.nat(),
    profiles: fc.uniqueArray(profile, { selector: ({ name }) => name, maxLength: 6 }),
  })
  .map(({ version, state, root, processes, ipv4, ipv6, ...rest }) => ({
    ...rest,
    engine: {
      modules: [`${state}/a.so`],
      luaPackagePath: `${state}/?.lua`,
      luaPackageCpath: `${state}/?.so`,
      facts: factsOf(version),
    },
    paths: {
      pid: `${state}/pid`,
      errorLog: `${state}/error.log`,
      accessLog: `${state}/access.log`,
      streamLog: `${state}/stream.log`,
      spanLog: `${state}/spans.log`,
      controlSocket: `${state}/control`,
      temporary: `${state}/temporary`,
      snapshot: `${state}/snapshot`,
      lua: `${state}/lua`,
      fallbackCertificate: `${state}/crt`,
      fallbackKey: `${state}/key`,
      quicKey: `${state}/quic`,
    },
    listeners: { httpPort: 80, httpsPort: 443, ipv4: ipv4 || !ipv6, ipv6 },
    user: root ? { name: 'nobody', group: 'nogroup' } : undefined,
    workers: { processes, shutdownTimeoutSeconds: 240 },
    settings: defaultFrameSettings,
    format: 'f',
  }))

test('an independent parser finds in frames what was meant, and nothing else', async () => {
  for (const sample of fc.sample(input, { numRuns: 12, seed: 3 })) {
    const parsed = await parseWithCrossplane(printFrame(sample))
    for (const { directive } of allDirectives(parsed)) expect(knownDirectives).toContain(directive)

    const http = inside(parsed, 'http')
    const [catchAll, control, ...rest] = http.filter(({ directive }) => directive === 'server')
    expect(rest).toEqual([])
    expect(namesOf(catchAll, 'location')).toEqual([
      ['^~', '/'],
      ['~', '^'],
      ['@status'],
      // Each that proxies stands twice: once for requests whose end somebody waits for.
      ['@awaited'],
      ['@error'],
      ['@fault'],
      ...sample.profiles.flatMap(({ name }) => [[`@${name}`], [`@${name}_awaited`]]),
    ])
    expect(namesOf(catchAll, 'listen')).toHaveLength(
      2 * (Number(sample.listeners.ipv4) + Number(sample.listeners.ipv6)),
    )
    expect(namesOf(control, 'listen')).toEqual([[`unix:${sample.paths.controlSocket}`]])
    expect(namesOf(control, 'location')).toEqual([['/v1/connections'], ['/']])

    const upstreams = http.filter(({ directive }) => directive === 'upstream')
    expect(upstreams.map(({ args }) => args)).toEqual([['dyn']])
    expect(namesOf(upstreams[0], 'keepalive')).toEqual(sample.engine.facts.keepaliveZero ? [['0']] : [])

    expect(argsOf(parsed, 'pid')).toEqual([sample.paths.pid])
    expect(argsOf(parsed, 'error_log')).toEqual([sample.paths.errorLog, 'warn'])
    expect(argsOf(catchAll?.block ?? [], 'ssl_certificate')).toEqual([sample.paths.fallbackCertificate])
  }
})

test('the parser does find what should not be there', async () => {
  const parsed = await parseWithCrossplane('http { server { location / { root /; } } }')
  expect(allDirectives(parsed).map(({ directive }) => directive)).toEqual(['http', 'server', 'location', 'root'])
  await expect(parseWithCrossplane('http { server {')).rejects.toThrow()
})

function inside(parsed: readonly ParsedDirective[], name: string): readonly ParsedDirective[] {
  return parsed.find(({ directive }) => directive === name)?.block ?? []
}

function argsOf(parsed: readonly ParsedDirective[], name: string): readonly string[] | undefined {
  return parsed.find(({ directive }) => directive === name)?.args
}

function namesOf(parent: ParsedDirective | undefined, name: string): readonly (readonly string[])[] {
  return (parent?.block ?? []).filter(({ directive }) => directive === name).map(({ args }) => args)
}
