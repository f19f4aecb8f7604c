import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { readPlainYaml } from './plain-yaml.js'
import { readYaml } from './yaml.js'

function valueOf(text: string): unknown {
  const file = readYaml(text)
  if (!file.ok) throw new Error(file.mistakes.map(({ message }) => message).join())
  return file.documents.length === 1 ? file.documents[0]?.value : file.documents.map(({ value }) => value)
}

const scalars: [fact: string, written: string, value: unknown][] = [
  ['yes is true', 'yes', true],
  ['on is true', 'on', true],
  ['Off is false', 'Off', false],
  ['true is true', 'true', true],
  ['a leading zero means octal', '012', 10],
  ['0o means octal too', '0o14', 12],
  ['0x means hexadecimal', '0x1f', 31],
  ['a date is a text', '2026-01-31', '2026-01-31'],
  ['a time is a text', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
  ['minutes and seconds are a text', '1:20', '1:20'],
  ['minutes and seconds with a fraction are a text', '1:20.5', '1:20.5'],
  ['an address is a text', '10.0.0.1', '10.0.0.1'],
  ['a fraction is a number', '1.5', 1.5],
  ['a tilde is null', '~', null],
  ['a quoted number is a text', '"80"', '80'],
  ['an escape is decoded', '"a\\tb"', 'a\tb'],
  ['two quotes are one', "'it''s'", "it's"],
  ['a comment ends a text', 'a b # c', 'a b'],
  ['a hash inside a word does not', 'a#b', 'a#b'],
  ['a URL is a text', 'http://a.example.com:80/x', 'http://a.example.com:80/x'],
  ['a list on one line', '[a, 1, "b"]', ['a', 1, 'b']],
  ['a mapping on one line', '{a: {b: 1}, c: []}', { a: { b: 1 }, c: [] }],
]
test.each(scalars)("kubectl's dialect: %s", (_fact, written, value) => {
  expect(valueOf(`a: ${written}\n`)).toEqual({ a: value })
})

const documents: [fact: string, text: string, value: unknown][] = [
  ['keys y and n are booleans, written out', 'y: 1\nn: 2\n', { true: 1, false: 2 }],
  ['a list in the column of its key', 'a:\n- b\n- c: 1\n  d: 2\ne: f\n', { a: ['b', { c: 1, d: 2 }], e: 'f' }],
  ['a text in lines', 'a: |\n  x: 1\n\n  # no comment\n    y\nb: 1\n', { a: 'x: 1\n\n# no comment\n  y\n', b: 1 }],
  ['a text in lines without the last break', 'a: |-\n  x\n  y\n\nb: 1\n', { a: 'x\ny', b: 1 }],
  ['a folded text', 'a: >\n  x\n  y\n', { a: 'x y\n' }],
  ['a text continued on the next line', 'a: x\n  y\n', { a: 'x y' }],
  ['an anchor and its alias', 'a: &x {b: 1}\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
  ['a merge key', 'a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n', { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ['Windows line ends', 'a: 1\r\nb:\r\n  - c\r\n', { a: 1, b: ['c'] }],
  ['several documents, empty ones left out', '---\n# c\n---\na: 1\n--- # d\nb: 2\n---\n', [{ a: 1 }, { b: 2 }]],
  ['a document on the line of its dashes', '--- {a: 1}\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
  ['document ends and directives', '%YAML 1.1\n---\na: yes\n...\n---\nb: 2\n', [{ a: true }, { b: 2 }]],
  ['no document', '# nothing\n', []],
]
test.each(documents)('a document with %s', (_fact, text, value) => {
  expect(valueOf(text)).toEqual(value)
})

test('a key called __proto__ stays a key', () => {
  expect(Object.keys(valueOf('__proto__: 1\na: 2\n') ?? {})).toEqual(['__proto__', 'a'])
})

const mistakes: [fact: string, text: string, offset: number][] = [
  ['the same key twice', 'a: 1\nb: 2\na: 3\n', 10],
  ['a bracket that is not closed', 'a: 1\n---\nb: [1, 2\nc: 3\n', 18],
  ['a key under a scalar', 'a: 1\n  b: 2\n', 3],
  ['an alias without anchor', 'a: 1\nb: *nothing\n', 8],
  ['an anchor that contains itself', 'a: &x\n  - *x\n', 0],
  ['an anchor that contains itself as a mapping', 'a: &x\n  b: *x\n', 0],
]
test.each(mistakes)('a mistake is placed: %s', (_fact, text, offset) => {
  const file = readYaml(text)
  expect(file.ok ? [] : file.mistakes.map((mistake) => mistake.offset)).toContain(offset)
})

test('a mapping of 70,000 keys that only the full parser reads takes seconds, not minutes', () => {
  const text = Array.from({ length: 70_000 }, (_, index) => `k${index}: "a\\tb"\n`).join('')
  const started = performance.now()
  expect(Object.keys(valueOf(text) ?? {})).toHaveLength(70_000)
  expect(performance.now() - started).toBeLessThan(20_000)
})

const deep: [fact: string, unit: string][] = [
  ['flow lists', '['],
  ['flow mappings', '{a: '],
  ['quoted keys', '{"a\\t": '],
  ['texts with escapes', '["a\\t", '],
  ['dashes on a line', '- '],
  ['tags', '[!!str a, '],
  ['anchors', '[&a '],
]
test.each(deep)('nesting too deep for any recursion is refused, however deep it is: %s', (_fact, unit) => {
  // Not one depth: a stack that runs out inside a regular expression would end the process, not throw.
  for (let depth = 300; depth < 6000; depth += 190) {
    for (const text of [unit.repeat(depth), `k:\n  ${unit.repeat(depth)}`]) {
      const file = readYaml(text)
      expect(file.ok ? [] : file.mistakes.map(({ message }) => message)).toEqual(['Nested more than 200 levels deep'])
    }
  }
})

test('nesting far deeper than manifests have is read', () => {
  const text = `a: ${'['.repeat(150)}${']'.repeat(150)}\n`
  expect(JSON.stringify(valueOf(text))).toBe(`{"a":${'['.repeat(150)}${']'.repeat(150)}}`)
})

test('an anchor may be used as often as the document stays small', () => {
  const uses = Array.from({ length: 1000 }, (_, index) => `k${index}: *x\n`).join('')
  expect(valueOf(`x: &x {a: b}\n${uses}`)).toMatchObject({ k0: { a: 'b' }, k999: { a: 'b' } })
})

test('a non-breaking space is part of a text, in flow collections too', () => {
  expect(valueOf('a: [b\u00a0, c]\n')).toEqual({ a: ['b\u00a0', 'c'] })
})

test('aliases that multiply are refused at once (a billion laughs)', () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items = level === 0 ? Array(9).fill('lol') : Array(9).fill(`*l${level - 1}`)
    return `l${level}: &l${level} [${items.join(', ')}]`
  })
  const started = performance.now()
  expect(readYaml(`${levels.join('\n')}\n`).ok).toBe(false)
  expect(performance.now() - started).toBeLessThan(2000)
})

test('the quick reader agrees with the full parser on written data', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      'yes',
      'on',
      'n',
      '012',
      '1:20',
      '80',
      'null',
      '~',
      'a: b',
      'a #b',
      '- a',
      '|',
      'x\n\ny\n',
      '*.a.b',
      '',
    ),
    fc.domain(),
    fc.ipV4(),
  )
  const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('node'), { maxLength: 4 }),
      tie('tree'),
    ),
    tree: fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z][a-zA-Z./-]{0,10}$/), word), tie('node'), { maxKeys: 5 }),
  }))
  const layouts = fc.record({
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    lineWidth: fc.constantFrom(0, 20, 80),
  })
  let read = 0
  let tried = 0
  fc.assert(
    fc.property(tree, layouts, (data, layout) => {
      compare(stringify(data, { version: '1.1', ...layout }))
    }),
    { numRuns: 3000 },
  )
  expect(read / tried).toBeGreaterThan(0.1)

  function compare(text: string): void {
    tried += 1
    const plain = readPlainYaml(text, 0, text.length)
    if (plain === undefined) return
    read += 1
    const full = parseDocument(text, { version: '1.1' })
    expect(full.errors).toEqual([])
    expect(plain.value).toEqual(full.toJS())
  }
})

/** Pieces of YAML that make trouble when they meet. */
const fragments = [
  ['a', 'b', 'key', ': ', ':', '\n', '\n  ', '\n    ', '- ', '-', '# c', ' #', '"', "'", '[', ']', '{', '}', ', '],
  ['|', '|-', '>', '&x ', '*x', '1', '010', '1.5', 'yes', '~', 'null', '? ', '!!str ', '--- ', '%', '/', ' ', '\t'],
  ['a: ', 'b:\n', '  - ', 'c: |\n    x\n', '\n\n', '"q": ', "'r': ", '2026-01-01', '1:20', '<<: ', '=', '@', '`'],
].flat()

test('the quick reader never takes a text that the full parser reads otherwise or refuses', () => {
  const pieces = fc.constantFrom(...fragments)
  let read = 0
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 14 }), (parts) => {
      const text = parts.join('')
      const plain = readPlainYaml(text, 0, text.length)
      if (plain === undefined) return
      read += 1
      const full = readWhole(text)
      expect({ text, value: plain.value }).toEqual({ text, value: full })
    }),
    { numRuns: 60_000 },
  )
  expect(read).toBeGreaterThan(1000)

  function readWhole(text: string): unknown {
    // A tag at the end makes the quick reader give up, so that this is the full parser's answer in our dialect.
    const whole = readYaml(`%YAML 1.1\n---\n${text}`)
    if (!whole.ok) return whole.mistakes
    return whole.documents.length === 0 ? null : whole.documents[0]?.value
  }
})
