import { describe, expect, test } from 'vitest'
import { clbAnnotations } from './clb-annotations.js'
import { type Declarations, fieldOf, nameOf, PREFIX, readAnnotations } from './declare.js'
import { nlbAnnotations } from './nlb-annotations.js'
import { referenceOfAnnotations } from './reference.js'

const kinds: readonly (readonly [name: string, declarations: Declarations])[] = [
  ['CLB', clbAnnotations],
  ['NLB', nlbAnnotations],
]

/** No annotation but those of any text allows one of these. */
const wrong = [
  '',
  ' ',
  'nonsense value!',
  '-1',
  '999999999999',
  'on,off',
  'a=b\nc',
  '{}',
  'ü'.repeat(300),
  '\u0000',
  '1e3',
  'True',
]

describe.each(kinds)('annotations of a %s (loadbalancer.md sections 3 and 4)', (_, declarations) => {
  const rows = Object.entries(declarations).map(([key, declared]) => [nameOf(key, declared), key, declared] as const)

  test.each(rows)(
    '%s: a wrong value is a problem that names it, the value and what is allowed',
    (name, key, { kind }) => {
      if (kind.form === 'any text') return expect(kind.parse('nonsense value!')).toBe('nonsense value!')
      const refused = wrong.filter((text) => kind.parse(text) === undefined)
      expect(refused.length).toBeGreaterThan(3)
      for (const text of refused) {
        const { values, problems } = readAnnotations(declarations, { annotations: { [name]: text } })
        expect(values).not.toHaveProperty(key)
        expect(problems).toMatchObject([{ severity: 'error', field: fieldOf(name) }])
        const [problem] = problems
        expect(problem?.message).toContain(name)
        expect(problem?.message).toContain(JSON.stringify(text).slice(0, 50))
        expect(problem?.message).toContain(kind.form)
      }
    },
  )
})

describe('the two prefixes', () => {
  const older = 'service.beta.kubernetes.io/alicloud-loadbalancer-'

  test('the older one is read, and the newer one wins', () => {
    const read = (annotations: Record<string, string>) =>
      readAnnotations(clbAnnotations, { annotations }).values.bandwidth
    expect(read({ [`${older}bandwidth`]: '7' })).toBe(7)
    expect(read({ [`${older}bandwidth`]: '7', [`${PREFIX}bandwidth`]: '8' })).toBe(8)
  })

  test('an annotation that there is not is told, and does no harm', () => {
    const { problems } = readAnnotations(clbAnnotations, {
      annotations: { [`${PREFIX}bandwith`]: '7', [`${older}x`]: '' },
    })
    expect(problems).toMatchObject([
      { severity: 'warning', message: expect.stringContaining(`${PREFIX}bandwith`) },
      { severity: 'warning', message: expect.stringContaining(`${older}x`) },
    ])
  })

  test('a name of Object is no annotation', () => {
    expect(readAnnotations(clbAnnotations, { annotations: { [`${PREFIX}constructor`]: 'x' } }).problems).toHaveLength(1)
  })
})

describe('values as they are read', () => {
  test.each([
    [
      'protocol-port',
      'https:443,http:80',
      [
        { protocol: 'https', port: 443 },
        { protocol: 'http', port: 80 },
      ],
    ],
    ['forward-port', '80:443', [{ from: 80, to: 443 }]],
    ['domain-extensions', '*.a.test:c-1', [{ domain: '*.a.test', certificate: 'c-1' }]],
    ['vgroup-port', 'rsp-1:80', [{ group: 'rsp-1', port: 80 }]],
    [
      'additional-resource-tags',
      'a=b,c=',
      [
        ['a', 'b'],
        ['c', ''],
      ],
    ],
    ['ip', '10.0.0.1', '10.0.0.1'],
    ['health-check-httpcode', 'http_2xx,http_3xx', 'http_2xx,http_3xx'],
  ])('%s %s', (key, text, value) => {
    expect(readAnnotations(clbAnnotations, { annotations: { [PREFIX + key]: text } })).toMatchObject({
      values: { [key]: value },
      problems: [],
    })
  })

  test.each([
    ['z-a:v-1,z-b:v-2', true],
    ['z-a:v-1:10.0.0.1,z-b:v-2', true],
    ['z-a:v-1:10.0.0.1:eip-1,z-b:v-2::eip-2', true],
    ['z-a:v-1', false],
    ['z-a:v-1,z-a:v-2', false],
    ['z-a:v-1,z-b:v-2:nowhere', false],
    [Array.from({ length: 11 }, (_, at) => `z-${at}:v`).join(','), false],
  ])('zone-maps %s: %s', (text, isAllowed) => {
    expect(nlbAnnotations['zone-maps'].kind.parse(text) !== undefined).toBe(isAllowed)
  })

  test.each([
    ['http:443', 'ip'],
    ['10.0.0.256', 'ip'],
    ['10.0.0', 'ip'],
    ['10.0.0.1.', 'ip'],
    ['aliyun=x', 'additional-resource-tags'],
  ] as const)('%s is no %s', (text, key) => {
    expect(clbAnnotations[key].kind.parse(text)).toBeUndefined()
  })
})

test('docs/loadbalancer-annotations.md is what the declarations say; -u writes it', async () => {
  await expect(referenceOfAnnotations()).toMatchFileSnapshot('../../../docs/loadbalancer-annotations.md')
})
