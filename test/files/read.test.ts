import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseEndpointsFlag, readFolder, type EndpointsFlag } from '../../src/sources/files/index.js'
import { loadFile } from '../../src/sources/files/load.js'
import { codesOf, follow, hostsOf, ingress, service, temporaryFolder, until, write } from './folder.js'

async function read(folder: string, endpoints: readonly EndpointsFlag[] = []) {
  const messages: string[] = []
  const found = await readFolder({ folder, endpoints, log: (level, message) => messages.push(`${level}: ${message}`) })
  if (!found.ok) throw new Error(found.message)
  return { ...found, messages }
}

test('a folder or one file is read once; a path that leads nowhere is a result', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'a.yaml'), ingress('a'))
  write(join(folder, 'b.yaml'), ingress('b'))
  expect(hostsOf(await read(folder))).toEqual(['a.example.com', 'b.example.com'])
  expect(hostsOf(await read(join(folder, 'b.yaml')))).toEqual(['b.example.com'])
  const none = await readFolder({ folder: join(folder, 'none'), endpoints: [], log: () => {} })
  expect(none).toEqual({ ok: false, message: `${join(folder, 'none')} is not there` })
})

test('lists are read, also lists in lists and lists of one kind', async () => {
  const folder = temporaryFolder()
  const item = (name: string) => ({ metadata: { name, namespace: 'shop' }, spec: { rules: [{ host: name }] } })
  const own = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
  const typed = { ...own, kind: 'IngressList', items: [item('b')] }
  const list = { apiVersion: 'v1', kind: 'List', items: [{ ...own, ...item('a') }, typed] }
  write(join(folder, 'list.json'), JSON.stringify(list))
  expect(hostsOf(await read(folder))).toEqual(['a', 'b'])
})

test.each(['two.json', 'two.yaml'])('JSON values one after the other are read, as kubectl does: %s', async (name) => {
  const folder = temporaryFolder()
  const meta = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
  const one = (host: string): object => ({ ...meta, metadata: { name: host }, spec: { rules: [{ host }] } })
  const list = { apiVersion: 'v1', kind: 'List', items: [one('b'), { ...one('c'), spec: { rules: 5 } }] }
  write(join(folder, name), `${JSON.stringify(one('a'))}\n${JSON.stringify(list)}\n${JSON.stringify(one('d'))}`)
  const found = await read(folder)
  expect(hostsOf(found)).toEqual(['a', 'b', 'd'])
  expect(found.snapshot.ingresses.get('default/d')?.source?.locate('spec').line).toBe(3)
  const column = JSON.stringify(list).indexOf('"rules":5') + 1
  expect(found.problems.map(({ position }) => position)).toEqual([{ file: join(folder, name), line: 2, column }])
})

test('of the syntax errors of one file the first few are told', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'many.yaml'), '{"kind": "Service"}\n{"kind" "Service"}\n'.repeat(9))
  expect(codesOf(await read(folder)).length).toBe(3)
})

test('the class nginx is implied, unless a file declares it', async () => {
  const folder = temporaryFolder()
  const { source } = await follow(folder)
  const controller = (): string | undefined => source.current().snapshot.ingressClasses.get('nginx')?.controller
  expect(controller()).toBe('k8s.io/ingress-nginx')
  const file = join(folder, 'class.yaml')
  write(
    file,
    'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: other}\n',
  )
  await until(source, () => controller() === 'other')
  write(file, '# nothing\n')
  await until(source, () => controller() === 'k8s.io/ingress-nginx')
})

test('other kinds are named once, at debug level', async () => {
  const folder = temporaryFolder()
  for (const name of ['a', 'b'])
    write(join(folder, `${name}.yaml`), `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\n`)
  const { problems, messages } = await read(folder)
  expect(problems).toEqual([])
  expect(messages).toEqual([
    'debug: Deployment (apps/v1) is not a kind that Fairlead reads; such objects are left alone',
  ])
})

const bad: [fact: string, name: string, text: string, code: string, line: number, column: number][] = [
  ['YAML that is no mapping', 'a.yaml', '# x\njust a text\n', 'file/not-an-object', 2, 1],
  ['a list of texts', 'a.yaml', '- a\n- b\n', 'file/not-an-object', 1, 1],
  ['a mapping without kind', 'a.yaml', 'apiVersion: v1\nfoo: bar\n', 'file/not-an-object', 1, 1],
  ['a loop of aliases', 'a.yaml', '---\na: &a\n  b: *a\n', 'file/syntax', 2, 1],
  ['a key twice', 'a.yaml', 'kind: a\nkind: b\n', 'file/syntax', 2, 1],
  ['broken JSON', 'a.json', '{\n  "kind": "List",\n}\n', 'file/syntax', 3, 1],
  ['an empty JSON list item', 'a.json', '{"kind": "List", "items": [null]}', 'file/not-an-object', 1, 28],
]
test.each(bad)('%s is reported at its place', async (_fact, name, text, code, line, column) => {
  const folder = temporaryFolder()
  const file = join(folder, name)
  write(file, text)
  write(join(folder, 'good.yaml'), ingress('good'))
  const found = await read(folder)
  expect(hostsOf(found)).toEqual(['good.example.com'])
  expect(found.problems[0]).toMatchObject({ code, position: { file, line, column } })
})

const deep: [name: string, text: string][] = [
  ['a.yaml', `a: ${'['.repeat(200_000)}${']'.repeat(200_000)}\n`],
  ['a.json', `{"kind": "List", "items": [${'['.repeat(200_000)}${']'.repeat(200_000)}]}`],
]
test.each(deep)('data that is nested too deeply is a problem of its file: %s', async (name, text) => {
  const folder = temporaryFolder()
  write(join(folder, name), text)
  write(join(folder, 'good.yaml'), ingress('good'))
  const found = await read(folder)
  expect(new Set(codesOf(found))).toEqual(new Set(['file/syntax']))
  expect(hostsOf(found)).toEqual(['good.example.com'])
})

test('a file of 20 MB is refused with the limit, and is not read', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  write(file, ingress('a'))
  truncateSync(file, 20_000_000)
  const started = performance.now()
  const { problems } = await read(folder)
  expect(performance.now() - started).toBeLessThan(1000)
  expect(problems).toMatchObject([{ code: 'file/too-large' }])
  expect(problems[0]?.message).toContain('16777216')
})

test('a file just below the limit is read in seconds, and its problems are placed', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  const text = Array.from({ length: 60_000 }, (_, index) => ingress(`a${index}`)).join('---\n')
  write(file, `${text}---\n${ingress('bad', '7')}`)
  const started = performance.now()
  const found = await read(folder)
  expect(performance.now() - started).toBeLessThan(20_000)
  expect(found.snapshot.ingresses.size).toBe(60_000)
  expect(found.problems[0]?.position).toEqual({ file, line: 60_000 * 9 + 8, column: 7 })
})

test('text that is not UTF-8, and a byte order mark', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]))
  write(join(folder, 'b.yaml'), `\ufeff${ingress('b')}`)
  const found = await read(folder)
  expect(codesOf(found)).toEqual(['file/syntax'])
  expect(hostsOf(found)).toEqual(['b.example.com'])
})

test('a file that is gone when its turn comes is absent; a link that leads nowhere too', async () => {
  const folder = temporaryFolder()
  expect(loadFile(join(folder, 'gone.yaml'), undefined, () => {})).toBeUndefined()
  symlinkSync('nowhere.yaml', join(folder, 'link.yaml'))
  symlinkSync('circle.yaml', join(folder, 'circle.yaml'))
  expect((await read(folder)).problems).toEqual([])
})

const written = [
  '# a comment',
  'apiVersion: networking.k8s.io/v1',
  'kind: Ingress',
  'metadata:',
  '  name: a',
  '  annotations:',
  '    a.b/c: x',
  'spec:',
  '  rules:',
  '  - host: h',
  '    http:',
  '      paths:',
  '      - path: /',
  '      - path: /b',
  '        backend: {service: {name: web, port: {number: 80}}}',
  '',
].join('\n')
const places: [field: string, line: number, column: number][] = [
  ['', 2, 1],
  ['kind', 3, 1],
  ['metadata.annotations["a.b/c"]', 7, 5],
  ['spec.rules[0]', 10, 5],
  ['spec.rules[0].http.paths[1].path', 14, 9],
  ['spec.rules[0].http.paths[1].backend.service.port.number', 15, 47],
  ['spec.rules[0].http.paths[0].backend', 13, 9],
  ['spec.tls[0]', 8, 1],
]
test.each(places)(
  'the field %s is found, by both readers, after another document and in a list',
  async (field, line, column) => {
    const folder = temporaryFolder()
    const odd = written.replace('  name: a', "  name: &n 'a'")
    const json = {
      kind: 'List',
      items: [{}, 7, JSON.parse('{"apiVersion":"v1","kind":"Service","metadata":{"name":"j"}}')],
    }
    write(join(folder, 'first.yaml'), `${service('x')}---\n${written}`)
    write(join(folder, 'odd.yaml'), odd.replace('namespace: shop', '').replace("'a'", 'b'))
    write(join(folder, 'json.json'), JSON.stringify(json, undefined, 1))
    const { snapshot } = await read(folder)
    const first = snapshot.ingresses.get('default/a')?.source?.locate(field)
    expect(first).toEqual({ file: join(folder, 'first.yaml'), line: line + 5, column })
    const full = snapshot.ingresses.get('default/b')?.source?.locate(field)
    expect(full).toEqual({ file: join(folder, 'odd.yaml'), line, column })
    const inList = snapshot.services.get('default/j')?.source?.locate('metadata.name')
    expect(inList).toEqual({ file: join(folder, 'json.json'), line: 10, column: 5 })
  },
)

test('--endpoints gives a Service without EndpointSlices its endpoints', async () => {
  const folder = temporaryFolder()
  write(join(folder, 'a.yaml'), service('web'))
  const flag = parseEndpointsFlag('shop/web=127.0.0.1:9001')
  if (!flag.ok) throw new Error(flag.message)
  const { snapshot, problems } = await read(folder, [flag.value])
  expect(problems).toEqual([])
  expect(snapshot.endpointSlices.get('shop/web')).toMatchObject([
    { ports: [{ port: 9001 }], endpoints: [{ addresses: ['127.0.0.1'], ready: true }] },
  ])
})

test('SVC-6: names of ExternalName Services are resolved before the start ends, and forgotten with the Service', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.yaml')
  write(file, service('db', '{type: ExternalName, externalName: db.example.com.}'))
  write(join(folder, 'b.yaml'), service('ip', '{type: ExternalName, externalName: 192.0.2.7}'))
  const asked: string[] = []
  const { source } = await follow(folder, {
    lookup: async (name) => {
      asked.push(name)
      return { kind: 'found', addresses: ['192.0.2.1'], ttlSeconds: 60 }
    },
  })
  expect([...source.current().snapshot.resolved]).toEqual([['db.example.com.', ['192.0.2.1']]])
  expect(asked).toEqual(['db.example.com'])
  write(file, service('db'))
  await until(source, ({ snapshot }) => snapshot.resolved.size === 0)
})
