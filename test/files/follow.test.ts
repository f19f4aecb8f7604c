import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFilesSource } from '../../src/sources/files/index.js'
import { codesOf, follow, hostsOf, ingress, saveByRename, service, temporaryFolder, until, write } from './folder.js'

const hosts =
  (...expected: string[]) =>
  (state: Parameters<typeof hostsOf>[0]): boolean =>
    hostsOf(state).join() === expected.join()

test('files are read at any depth; hidden names and other endings are not', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'a.yaml'), ingress('a'))
  write(join(folder, 'deep/er/b.yml'), ingress('b'))
  write(join(folder, 'c.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }))
  write(join(folder, '.d.yaml'), ingress('d'))
  write(join(folder, '.git/e.yaml'), ingress('e'))
  write(join(folder, 'f.yaml~'), ingress('f'))
  const { source } = await follow(folder)
  expect(hostsOf(source.current())).toEqual(['a.example.com', 'b.example.com'])
  expect(source.current().problems).toEqual([])
})

test('a file is followed when it is made, changed, saved by rename, saved again and deleted', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  const { source } = await follow(folder)
  write(file, ingress('a', 'one'))
  await until(source, hosts('one'))
  write(file, ingress('a', 'two'))
  await until(source, hosts('two'))
  for (const host of ['three', 'four', 'five']) {
    saveByRename(file, ingress('a', host))
    await until(source, hosts(host))
  }
  write(file, ingress('a', 'six'))
  await until(source, hosts('six'))
  unlinkSync(file)
  await until(source, hosts())
})

test('a folder is followed when it is made, renamed and deleted', async () => {
  const folder = temporaryFolder()
  const { source } = await follow(folder)
  write(join(folder, 'x/y/a.yaml'), ingress('a'))
  await until(source, hosts('a.example.com'))
  write(join(folder, 'x/y/b.yaml'), ingress('b'))
  await until(source, hosts('a.example.com', 'b.example.com'))
  renameSync(join(folder, 'x'), join(folder, 'z'))
  const file = join(folder, 'z/y/a.yaml')
  await until(source, ({ snapshot }) => snapshot.ingresses.get('shop/a')?.source?.file === file)
  write(file, ingress('a', 'after'))
  await until(source, hosts('after', 'b.example.com'))
  rmSync(join(folder, 'z'), { recursive: true })
  await until(source, hosts())
})

test('the swap of ..data in a mounted volume is followed, and its hidden folders do not count twice', async () => {
  const folder = temporaryFolder()
  const volume = join(folder, 'volume')
  write(join(volume, '..2026_1/a.yaml'), ingress('a', 'one'))
  symlinkSync('..2026_1', join(volume, '..data'))
  symlinkSync('..data/a.yaml', join(volume, 'a.yaml'))
  const { source } = await follow(folder)
  expect(hostsOf(source.current())).toEqual(['one'])
  for (const [round, host] of ['two', 'three'].entries()) {
    write(join(volume, `..2026_${round + 2}/a.yaml`), ingress('a', host))
    symlinkSync(`..2026_${round + 2}`, join(volume, '..data_tmp'))
    renameSync(join(volume, '..data_tmp'), join(volume, '..data'))
    rmSync(join(volume, `..2026_${round + 1}`), { recursive: true })
    await until(source, hosts(host))
    expect(codesOf(source.current())).toEqual([])
  }
})

test('links to files and folders elsewhere are followed, and a circle of links ends', async () => {
  const folder = temporaryFolder()
  const elsewhere = temporaryFolder()
  write(join(elsewhere, 'a.yaml'), ingress('a', 'one'))
  write(join(elsewhere, 'more/b.yaml'), ingress('b', 'two'))
  symlinkSync(join(elsewhere, 'a.yaml'), join(folder, 'link.yaml'))
  symlinkSync(join(elsewhere, 'more'), join(folder, 'linked'))
  symlinkSync(folder, join(folder, 'circle'))
  const { source } = await follow(folder)
  expect(hostsOf(source.current())).toEqual(['one', 'two'])
  write(join(elsewhere, 'a.yaml'), ingress('a', 'three'))
  await until(source, hosts('three', 'two'))
  write(join(elsewhere, 'more/b.yaml'), ingress('b', 'four'))
  await until(source, hosts('four', 'three'))
})

test('a file that does not parse keeps its last good objects until it does, and nothing else is disturbed', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  write(file, `${ingress('a')}---\n${ingress('b')}`)
  write(join(folder, 'c.yaml'), ingress('c'))
  const { source } = await follow(folder)
  const before = source.current()
  write(file, `${ingress('a', 'new')}---\na: [1\nb: 2\n`)
  await until(source, ({ problems }) => problems.length > 0)
  const { snapshot, problems } = source.current()
  expect(snapshot).toBe(before.snapshot)
  expect(problems[0]).toMatchObject({ code: 'file/syntax', position: { file, line: 11, column: 1 } })
  write(join(folder, 'c.yaml'), ingress('c', 'changed'))
  await until(source, hosts('a.example.com', 'b.example.com', 'changed'))
  write(file, ingress('a', 'new'))
  await until(source, hosts('changed', 'new'))
  expect(codesOf(source.current())).toEqual([])
})

test('a file that is written bit by bit loses nothing on the way', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  write(file, ingress('a', 'one'))
  const { source } = await follow(folder)
  const lost = watchFor(source, (seen) => seen.length === 0)
  for (let round = 0; round < 20; round += 1) {
    writeFileSync(file, '')
    await new Promise((resolve) => setTimeout(resolve, 12))
    writeFileSync(file, ingress('a', `round-${round}`))
    await until(source, hosts(`round-${round}`))
  }
  unlinkSync(file)
  await new Promise((resolve) => setTimeout(resolve, 12))
  write(file, ingress('a', 'back'))
  await until(source, hosts('back'))
  expect(lost()).toBe(false)
  writeFileSync(file, '')
  await until(source, hosts())
})

test('an object with a mistake keeps its last good version; its neighbours in the file change', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  write(file, `${ingress('a', 'one')}---\n${ingress('b', 'two')}`)
  const { source } = await follow(folder)
  write(file, `${ingress('a', '7')}---\n${ingress('b', 'three')}`)
  await until(source, hosts('one', 'three'))
  expect(source.current().problems).toMatchObject([
    { code: 'object/invalid', field: 'spec.rules[0].host', position: { file, line: 8, column: 7 } },
  ])
  write(file, `${ingress('a', 'one')}---\n${ingress('b', 'three')}`)
  await until(source, ({ problems }) => problems.length === 0)
  expect(hostsOf(source.current())).toEqual(['one', 'three'])
})

test('objects whose text did not change stay the same objects', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  write(file, `${ingress('a')}---\n${ingress('b', 'one')}---\n${service('web')}`)
  const { source } = await follow(folder)
  const before = source.current().snapshot
  write(file, `${ingress('a')}---\n${ingress('b', 'two')}---\n${service('web')}`)
  await until(source, hosts('a.example.com', 'two'))
  const after = source.current().snapshot
  expect(after.ingresses.get('shop/a')).toBe(before.ingresses.get('shop/a'))
  expect(after.services).toBe(before.services)
})

test('a write of the same text announces nothing', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'a.yaml'), ingress('a'))
  const { source, changes } = await follow(folder)
  const before = source.current()
  write(join(folder, 'a.yaml'), ingress('a'))
  write(join(folder, 'b.yaml'), ingress('b'))
  await until(source, hosts('a.example.com', 'b.example.com'))
  expect(changes()).toBe(1)
  expect(source.current().snapshot.ingresses.get('shop/a')).toBe(before.snapshot.ingresses.get('shop/a'))
})

test('the same object in two files: the first name counts, and the second takes over', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'b.yaml'), `# second\n${ingress('x', 'from-b')}`)
  const { source } = await follow(folder)
  write(join(folder, 'a.yaml'), ingress('x', 'from-a'))
  await until(source, hosts('from-a'))
  const [problem] = source.current().problems
  expect(problem).toMatchObject({
    code: 'object/duplicate',
    about: { kind: 'Ingress', namespace: 'shop', name: 'x' },
    position: { file: join(folder, 'b.yaml'), line: 2, column: 1 },
  })
  expect(problem?.message).toContain(`${join(folder, 'a.yaml')}:1`)
  expect(problem?.message).toContain(`${join(folder, 'b.yaml')}:2`)
  unlinkSync(join(folder, 'a.yaml'))
  await until(source, hosts('from-b'))
  expect(codesOf(source.current())).toEqual([])
})

test('the folder vanishes and comes back: the last state stays meanwhile', async () => {
  const folder = join(temporaryFolder(), 'k8s')
  for (const name of ['a', 'b', 'c']) write(join(folder, `${name}.yaml`), ingress(name))
  const { source } = await follow(folder)
  for (const round of [1, 2]) {
    const seen = hostsOf(source.current())
    rmSync(folder, { recursive: true })
    await until(source, (state) => codesOf(state).includes('file/folder-gone'))
    expect(hostsOf(source.current())).toEqual(seen)
    mkdirSync(folder)
    write(join(folder, 'a.yaml'), ingress('a', `back-${round}`))
    await until(source, hosts(`back-${round}`))
    expect(codesOf(source.current())).toEqual([])
    write(join(folder, 'a.yaml'), ingress('a', `again-${round}`))
    await until(source, hosts(`again-${round}`))
  }
})

test('another folder that takes the place of the folder is read', async () => {
  const parent = temporaryFolder()
  const folder = join(parent, 'k8s')
  write(join(folder, 'a.yaml'), ingress('a'))
  write(join(parent, 'next/b.yaml'), ingress('b'))
  const { source } = await follow(folder)
  renameSync(folder, join(parent, 'last'))
  renameSync(join(parent, 'next'), folder)
  await until(source, hosts('b.example.com'))
  write(join(folder, 'b.yaml'), ingress('b', 'changed'))
  await until(source, hosts('changed'))
})

test('a folder that is not there, or is a file, is a result', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'a.yaml'), ingress('a'))
  const start = (path: string) =>
    createFilesSource({ folder: path, endpoints: [], onChange: () => {}, log: () => {} }).start()
  expect(await start(join(folder, 'none'))).toEqual({ ok: false, message: `${join(folder, 'none')} is not there` })
  expect(await start(join(folder, 'a.yaml'))).toMatchObject({ ok: false })
})

test('files that come and go while they are read do no harm', async () => {
  const folder = temporaryFolder()
  const { source } = await follow(folder)
  for (let round = 0; round < 200; round += 1) {
    const file = join(folder, `f${round % 7}.yaml`)
    write(file, ingress(`f${round % 7}`))
    if (round % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    rmSync(file)
  }
  write(join(folder, 'last.yaml'), ingress('last'))
  await until(source, hosts('last.example.com'))
  expect(codesOf(source.current())).toEqual([])
})

test('2,000 files that change at once all arrive', async () => {
  const folder = temporaryFolder()
  const { source } = await follow(folder)
  const save = (host: string): void => {
    for (let index = 0; index < 2000; index += 1) write(join(folder, `f${index}.yaml`), ingress(`f${index}`, host))
  }
  for (const host of ['one', 'two']) {
    save(host)
    await until(source, (state) => {
      const seen = hostsOf(state)
      return seen.length === 2000 && seen.every((name) => name === host)
    })
  }
})

function watchFor(
  source: { current(): Parameters<typeof hostsOf>[0] },
  isSo: (hosts: string[]) => boolean,
): () => boolean {
  let seen = false
  const timer = setInterval(() => {
    seen ||= isSo(hostsOf(source.current()))
  }, 2)
  return () => {
    clearInterval(timer)
    return seen
  }
}

test('a link outside of the folder, on the way to what is read, may come to lead elsewhere', async () => {
  const folder = temporaryFolder()
  const elsewhere = temporaryFolder()
  write(join(elsewhere, 'out1', 'a.yaml'), ingress('one'))
  write(join(elsewhere, 'out2', 'a.yaml'), ingress('two'))
  write(join(elsewhere, 'out2', 'b.yaml'), ingress('more'))
  symlinkSync('out1', join(elsewhere, 'cur'))
  symlinkSync(join(elsewhere, 'cur'), join(folder, 'linkdir'))
  const { source } = await follow(folder)
  expect(hostsOf(source.current())).toEqual(['one.example.com'])
  const turn = (to: string): void => {
    symlinkSync(to, join(elsewhere, 'next'))
    renameSync(join(elsewhere, 'next'), join(elsewhere, 'cur'))
  }
  turn('out2')
  await until(source, () => hostsOf(source.current()).join() === 'more.example.com,two.example.com')
  turn('out1')
  await until(source, () => hostsOf(source.current()).join() === 'one.example.com')
})
