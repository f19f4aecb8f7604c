import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Desired } from '../../src/apply/applier.js'
import { digestBytes } from '../../src/apply/digest.js'
import { printFrame } from '../../src/frame/frame.js'
import type { HostDocument, Route } from '../../src/model/documents.js'
import { createProfile, type Profile } from '../../src/nginx/profile.js'
import { ask, hostDocument, plainHost, until, useApplier } from './rig.js'

const begin = useApplier()

describe('the applier on a real NGINX', () => {
  test('a document that needs a new profile waits until every worker has it; others do not wait', async () => {
    const { applier, input, desire } = await begin({})
    expect(await applier.begin(desire([plainHost('a.test')], []))).toEqual([])
    const profile = createProfile([{ name: 'proxy_buffering', args: ['on'] }], digestBytes)
    const answers = { 'b.test': new Set<number>(), 'c.test': new Set<number>() }
    const wanted = desire([plainHost('a.test'), plainHost('c.test'), plainHost('b.test', profile.name)], [profile])
    expect(await applier.apply(wanted)).toEqual([])
    expect(await ask(input, 'c.test')).toBe(200)
    const deadline = Date.now() + 20_000
    let status = 0
    while (status !== 200 && Date.now() < deadline) {
      status = await ask(input, 'b.test')
      answers['b.test'].add(status)
      answers['c.test'].add(await ask(input, 'c.test'))
      await sleep(20)
    }
    // Before it is live the host is not there (404 of the default server); never the 503 of a worker without the profile.
    expect([...answers['b.test']].filter((one) => one !== 404)).toEqual([200])
    expect([...answers['c.test']]).toEqual([200])
    expect(applier.reloads()).toBe(1)
  })

  test('PRX-9: a profile that NGINX refuses is found, and the rest goes on without it', async () => {
    const { applier, input, desire } = await begin({})
    await applier.begin(desire([plainHost('a.test')], []))
    const bad = createProfile([{ name: 'proxy_buffer_size', args: ['nonsense'] }], digestBytes)
    const good = createProfile([{ name: 'proxy_buffering', args: ['on'] }], digestBytes)
    const hosts = [plainHost('a.test'), plainHost('c.test')]
    const problems = await applier.apply(desire([...hosts, plainHost('b.test', bad.name)], [bad, good]))
    expect(problems.map(({ code }) => code)).toEqual(['frame/refused'])
    expect([...applier.refusedProfiles()]).toEqual([[bad.name, '"proxy_buffer_size" directive invalid value.']])
    expect(await ask(input, 'a.test')).toBe(200)
    expect(await ask(input, 'c.test')).toBe(200)
    expect(applier.reloads()).toBe(0)
    expect(await applier.apply(desire([...hosts, plainHost('d.test', good.name)], [good]))).toEqual([])
    await until(async () => (await ask(input, 'd.test')) === 200)
    expect(applier.reloads()).toBe(1)
  })

  test('PRX-9: a profile that NGINX refuses at the start is found too', async () => {
    const { applier, input, desire } = await begin({})
    const bad = createProfile([{ name: 'proxy_buffer_size', args: ['1g'] }], digestBytes)
    const problems = await applier.begin(desire([plainHost('a.test')], [bad]))
    expect(problems.map(({ code }) => code)).toEqual(['frame/refused'])
    expect([...applier.refusedProfiles().keys()]).toEqual([bad.name])
    expect(await applier.begin(desire([plainHost('a.test')], []))).toEqual([])
    expect(await ask(input, 'a.test')).toBe(200)
  })

  test('a profile that nobody names any more goes with the next reload only, and comes back by another', async () => {
    const { applier, folder, input, desire } = await begin({})
    const [one, two] = (['on', 'off'] as const).map((word) =>
      createProfile([{ name: 'proxy_buffering', args: [word] }], digestBytes),
    ) as [Profile, Profile] // of two words
    const has = async ({ name }: Profile): Promise<boolean> => (await readFile(folder.frame, 'utf8')).includes(name)
    await applier.begin(desire([plainHost('a.test', one.name)], [one]))
    expect(await applier.apply(desire([plainHost('a.test')], []))).toEqual([])
    expect([applier.reloads(), await has(one)]).toEqual([0, true])
    await applier.apply(desire([plainHost('a.test')], [two]))
    expect([applier.reloads(), await has(one), await has(two)]).toEqual([1, false, true])
    await applier.apply(desire([plainHost('a.test', one.name)], [one]))
    await until(async () => (await ask(input, 'a.test')) === 200 && (await has(one)))
    expect(applier.reloads()).toBe(2)
  })

  test('a controller that takes over knows the profiles of the frame, and reloads nothing', async () => {
    const { applier, folder, input, desire } = await begin({})
    const profile = createProfile([{ name: 'proxy_buffering', args: ['on'] }], digestBytes)
    const wanted = desire([plainHost('a.test', profile.name)], [profile])
    await applier.begin(wanted)
    const again = await begin({}, folder.root, input)
    expect(await again.applier.begin(wanted)).toEqual([])
    expect(
      await again.applier.apply(desire([plainHost('a.test'), plainHost('b.test', profile.name)], [profile])),
    ).toEqual([])
    expect(await ask(input, 'b.test')).toBe(200)
    expect(again.applier.reloads()).toBe(0)
  })

  test('DYN-3: a frame that NGINX refuses whatever its profiles is a problem; the old one and the table go on', async () => {
    const { applier, input, desire } = await begin({})
    await applier.begin(desire([plainHost('a.test')], []))
    const wanted = desire([plainHost('a.test'), plainHost('c.test')], [])
    const printed = (generation: number): string => `${wanted.printFrame(generation, [])}nonsense;\n`
    const problems = await applier.apply({ ...wanted, printFrame: printed })
    expect(problems.map(({ code }) => code)).toEqual(['frame/refused'])
    expect(problems[0]?.message).toContain('unknown directive "nonsense"')
    expect(applier.refusedProfiles().size).toBe(0)
    expect(await ask(input, 'a.test')).toBe(200)
    expect(await ask(input, 'c.test')).toBe(200)
    expect(applier.reloads()).toBe(0)
  })

  test('a table that does not fit is a problem with the flag to raise, and what was live stays live', async () => {
    const { applier, input, desire } = await begin({ tableBytes: 1024 * 1024 })
    await applier.begin(desire([plainHost('a.test')], []))
    const many = Array.from({ length: 4000 }, (_, index) => plainHost(`host-${index}.test`))
    const problems = await applier.apply(desire([plainHost('a.test'), ...many], []))
    expect(problems.map(({ code }) => code)).toEqual(['table/full'])
    expect(problems[0]?.message).toContain('--table-size')
    expect(await ask(input, 'a.test')).toBe(200)
    expect(await applier.apply(desire([plainHost('a.test'), plainHost('b.test')], []))).toEqual([])
    expect(await ask(input, 'b.test')).toBe(200)
  })

  test('a start with a table that does not fit says so', async () => {
    const { applier, desire } = await begin({ tableBytes: 1024 * 1024 })
    const many = Array.from({ length: 8000 }, (_, index) => plainHost(`host-${index}.test`))
    const problems = await applier.begin(desire(many, []))
    expect(problems.map(({ code }) => code)).toEqual(['table/full'])
  })

  test('a host of very many paths is pushed; one that is larger still is a problem, and keeps its last good version', async () => {
    const { applier, input, desire } = await begin({ tableBytes: 128 * 1024 * 1024 })
    await applier.begin(desire([plainHost('a.test')], []))
    const large = hostOfPaths('large.test', 50_000)
    expect(await applier.apply(desire([plainHost('a.test'), large], []))).toEqual([])
    expect(await ask(input, 'large.test', '/path-49999')).toBe(200)

    const tooLarge = hostOfPaths('large.test', 150_000)
    const problems = await applier.apply(desire([plainHost('a.test'), plainHost('b.test'), tooLarge], []))
    expect(problems).toMatchObject([
      { code: 'table/document-too-large', about: { kind: 'Host', name: 'large.test' }, severity: 'error' },
    ])
    // It is said for as long as it is so, also by a pass in which nothing else changed.
    const again = await applier.apply(desire([plainHost('a.test'), plainHost('b.test'), tooLarge], []))
    expect(again).toEqual(problems)
    expect(problems[0]?.message).toMatch(/has \d\d\.\d MB; at most 16\.8 MB are possible/)
    expect(await ask(input, 'b.test')).toBe(200)
    expect(await ask(input, 'large.test', '/path-49999')).toBe(200)
    expect(await ask(input, 'large.test', '/path-50000')).toBe(404)

    expect(await applier.apply(desire([plainHost('a.test'), plainHost('large.test')], []))).toEqual([])
    expect(await ask(input, 'large.test', '/path-50000')).toBe(200)
  })

  test('a document that is too large at the start is left out, and the others are served', async () => {
    const { applier, input, desire } = await begin({})
    const problems = await applier.begin(desire([plainHost('a.test'), hostOfPaths('large.test', 150_000)], []))
    expect(problems.map(({ code, about }) => [code, about.name])).toEqual([['table/document-too-large', 'large.test']])
    expect(await ask(input, 'a.test')).toBe(200)
    expect(await ask(input, 'large.test')).toBe(404)
    expect(await applier.apply(desire([plainHost('a.test'), plainHost('large.test')], []))).toEqual([])
    expect(await ask(input, 'large.test')).toBe(200)
  })

  test('contents that a controller replaced and had not freed when it was killed are freed by the next one', async () => {
    const { applier, folder, input, client, desire } = await begin({})
    await applier.begin(desire([plainHost('a.test'), plainHost('b.test')], []))
    // One is replaced and one dropped, and then this controller does nothing more.
    expect(await applier.apply(desire([hostOfPaths('a.test', 10)], []))).toEqual([])
    const left = await client.stale()
    expect(left.ok && left.value.map(({ key }) => key).toSorted()).toEqual(['h:a.test', 'h:b.test'])

    const again = await begin({}, folder.root, input)
    expect(await again.applier.begin(again.desire([hostOfPaths('a.test', 10)], []))).toEqual([])
    await again.table.tidy(performance.now())
    expect(await client.stale()).toEqual(left)
    await again.table.tidy(performance.now() + 60_000)
    expect(await client.stale()).toEqual({ ok: true, value: [] })
    expect(await ask(input, 'a.test', '/path-3')).toBe(200)
  })

  test('a frame whose workers cannot start is taken back, serves again what was served, and is not tried again at once', async () => {
    const { applier, nginx, input, client, desire } = await begin({})
    const hosts = [plainHost('a.test')]
    await applier.begin(desire(hosts, []))
    const workers = async (): Promise<readonly number[]> => {
      const status = await client.status()
      return status.ok ? status.value.workers.map(({ pid }) => pid).filter((pid) => existsSync(`/proc/${pid}`)) : []
    }
    allowMemory(nginx.pid() ?? 0, 64)
    // The workers that serve have one more request, whose head is not there yet: they finish it, and do not end.
    const slow = connect(input.listeners.httpPort, '127.0.0.1')
    slow.on('error', () => undefined)
    await new Promise((resolve) => slow.write('GET / HTTP/1.1\r\nHost: a.test\r\n', resolve))
    const settings = { ...input.settings, workerConnections: 1_000_000 }
    const greedy: Desired = {
      ...desire([...hosts, plainHost('b.test')], []),
      printFrame: (generation, profiles) => printFrame({ ...input, settings, generation, profiles }),
    }
    const problems = await applier.apply(greedy)
    expect(problems.map(({ code }) => code)).toEqual(['frame/refused'])
    expect(problems[0]?.message).toMatch(/NGINX cannot start workers; .*malloc/)
    await until(async () => (await ask(input, 'a.test').catch(() => 0)) === 200)
    expect(await ask(input, 'b.test')).toBe(200)
    const serving = await workers()
    expect(await applier.apply(greedy)).toEqual(problems)
    expect(await workers()).toEqual(serving)
    expect(await applier.apply(desire(hosts, []))).toEqual([])
    expect(nginx.workers()).not.toEqual([])
    slow.destroy()
  })

  test('a first start whose workers end leaves no master and no empty file behind, and what comes next starts', async () => {
    const { applier, nginx, folder, input, desire } = await begin({})
    const wanted = desire([plainHost('a.test')], [])
    // NGINX goes there in its workers only: `nginx -t` takes it.
    const nowhere: Desired = {
      ...wanted,
      printFrame: (...asked) => `working_directory /nowhere;\n${wanted.printFrame(...asked)}`,
    }
    expect((await applier.begin(nowhere)).map(({ code }) => code)).toEqual(['frame/refused'])
    expect(nginx.pid()).toBeUndefined()
    expect(readFileSync(folder.frame, 'utf8')).toContain('events {')
    expect(await applier.begin(wanted)).toEqual([])
    expect(await ask(input, 'a.test')).toBe(200)
  })

  test('a controller that has begun nothing yet starts an NGINX that ended with the frame and the snapshot that are there', async () => {
    const { applier, folder, input, desire } = await begin({})
    await applier.begin(desire([plainHost('a.test')], []))
    const next = await begin({}, folder.root, input)
    expect(await next.applier.restore()).toBe(true)
    next.nginx.signal('SIGTERM')
    await next.nginx.waitForEnd(10_000)
    expect(await next.applier.revive()).toEqual([])
    expect(await ask(input, 'a.test')).toBe(200)
  })

  test('a damaged snapshot is treated as absent, and said by the controller that adopts', async () => {
    const { applier, nginx, folder, input, desire } = await begin({})
    await applier.begin(desire([plainHost('a.test')], []))
    nginx.signal('SIGTERM')
    await nginx.waitForEnd(10_000)
    await writeFile(folder.snapshot, 'fairlead-table test.')
    expect(nginx.start()).toEqual({ ok: true })
    await until(async () => (await ask(input, 'a.test').catch(() => 0)) === 503)
    const again = await begin({}, folder.root, input)
    const problems = await again.applier.begin(again.desire([plainHost('a.test')], []))
    expect(problems.map(({ code }) => code)).toEqual(['snapshot/unusable'])
    expect(await ask(input, 'a.test')).toBe(200)
  })
})

/** Megabytes beyond what a process has; its children get the same. */
function allowMemory(pid: number, megabytes: number): void {
  const [pages = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number)
  execFileSync('prlimit', ['--pid', String(pid), `--as=${pages * 4096 + megabytes * 1024 * 1024}`])
}

/** Only its paths are served: `/path-0` and so on. */
function hostOfPaths(name: string, count: number): readonly [string, HostDocument] {
  const routes = Array.from({ length: count }, (_, i): readonly [string, Route] => {
    const path = `/path-${i}`
    return [path, { path, match: 'exact', action: { kind: 'proxy', upstream: 'app', pool: 'http/1' } }]
  })
  const document = hostDocument(name, { kind: 'answer', status: 404, label: '' })
  const paths = { kind: 'literal', exact: Object.fromEntries(routes), prefix: {}, lengths: [] } as const
  return [`h:${name}`, { ...document, paths }]
}
