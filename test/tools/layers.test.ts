import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../serve/program.js'

/** A repository in which nothing but test/layers is real: who calls it, the tools and vitest are scripts of these tests. */
const repository = mkdtempSync(join(tmpdir(), 'fairlead-layers-'))
const layers = join(repository, 'test', 'layers')
/** Layers whose tests have ended, a line each. */
const endedFile = join(repository, 'ended')

beforeAll(() => {
  script('engine/fetch', 'true')
  script('test/cluster/build', 'test "$1" != "$NO_TOOL"')
  script('test/helm/build', 'true')
  script('test/in-browser/prepare', 'true')
  script('deploy/image/build', 'true')
  script('bin/id', 'echo "$UID_HERE"')
  script('bin/nproc', 'echo "$CORES"')
  // The layer WAITING ends when three others have: it would wait for ever before them.
  script(
    'bin/npx',
    `trap 'exit 130' INT # as vitest does
     layer=$5
     while [ "$layer" = "$WAITING" ] && [ "$(wc -l <"$ENDED")" -lt 3 ]; do sleep 0.01; done
     echo "$layer lane $FAIRLEAD_TEST_LANE" >>"$ENDED"
     if [ "$layer" = "$FAILING" ]; then echo "$layer a.test.ts > b: c" >>"$FAIRLEAD_FAILURES"; exit 1; fi`,
  )
  copyFileSync(fileURLToPath(new URL('../layers', import.meta.url)), layers)
})

afterAll(() => rmSync(repository, { recursive: true, force: true }))

describe('make test', () => {
  it('says last how each layer went', () => {
    const { status, last } = run(['all'], {})
    expect(last).toMatch(
      /^==> Layers: local passed \(.*\); browser passed \(.*\); api passed \(.*\); image passed \(.*\); cluster passed \(.*\)$/,
    )
    expect(status).toBe(0)
  })

  it('names the cluster layer as not run where there is no root', () => {
    const { status, last } = run(['all'], { UID_HERE: '1000' })
    expect(last).toMatch(/; api passed .*; cluster NOT RUN: it needs root/)
    expect(status).toBe(0)
  })

  it.each([
    ['in continuous integration', ['all'], { CI: 'true' }],
    ['if that layer was asked for', ['cluster'], {}],
  ])('fails without root %s', (_, words, environment) => {
    const { status, last } = run(words, { UID_HERE: '1000', ...environment })
    expect(last).toContain('cluster NOT RUN: it needs root')
    expect(status).toBe(1)
  })

  it('runs the other layers after one that fails, and names what failed at the end', () => {
    const { status, last, said } = run(['all'], { FAILING: 'local' })
    expect(said).toContain('\n==> What failed:\nlocal a.test.ts > b: c\n\n==> Layers: ')
    expect(last).toMatch(/^==> Layers: local FAILED \(.*\); browser passed .*; api passed .*; cluster passed/)
    expect(status).toBe(1)
  })

  it('fails in a layer whose tools cannot be had', () => {
    const { status, last } = run(['all'], { NO_TOOL: 'control-plane' })
    expect(last).toMatch(/api FAILED: its tools could not be had, the reason is above; image passed .*; cluster passed/)
    expect(status).toBe(1)
  })

  it('runs the long layer beside others where there are two cores, with ports of its own, and clusters alone', () => {
    const { status, ended } = run(['all'], { WAITING: 'local' })
    expect(ended).toEqual(['browser lane 1', 'api lane 1', 'image lane 1', 'local lane 0', 'cluster lane 0'])
    expect(status).toBe(0)
  })

  it('runs one layer after another where there is one core', () => {
    const { ended } = run(['all'], { CORES: '1' })
    expect(ended.map((line) => line.split(' ')[0])).toEqual(['local', 'browser', 'api', 'image', 'cluster'])
  })

  it('begins no further layer after Ctrl-C', async () => {
    // `browser` waits for others, which come after it.
    const child = spawn(layers, ['all'], {
      env: environmentOf({ WAITING: 'browser' }),
      detached: true,
      stdio: 'ignore',
    })
    await until(() => Promise.resolve(readEnded().length === 1), 20_000)
    process.kill(-(child.pid ?? 0), 'SIGINT')
    const [status] = (await once(child, 'exit')) as [number | null]
    expect(status).toBe(130)
    expect(readEnded()).toEqual(['local lane 0'])
  })

  it.each([[[]], [['soak']]])('refuses %j as layers', (words) => {
    expect(run(words, {}).status).toBe(2)
  })
})

function environmentOf(environment: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  writeFileSync(endedFile, '')
  return {
    PATH: `${join(repository, 'bin')}:${process.env['PATH']}`,
    UID_HERE: '0',
    CORES: '2',
    NO_TOOL: '',
    FAILING: 'none',
    WAITING: 'none',
    ENDED: endedFile,
    ...environment,
  }
}

function readEnded(): readonly string[] {
  return readFileSync(endedFile, 'utf8').split('\n').slice(0, -1)
}

function run(words: readonly string[], environment: Readonly<Record<string, string>>) {
  const options = { env: environmentOf(environment), encoding: 'utf8', timeout: 30_000 } as const
  const { status, stderr } = spawnSync(layers, words, options)
  return { status, last: stderr.trim().split('\n').at(-1) ?? '', said: stderr, ended: readEnded() }
}

function script(name: string, body: string): void {
  const file = join(repository, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
}
