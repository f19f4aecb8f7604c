import { describe, expect, test } from 'vitest'
import { ingress, translated, type Translated } from './translated.js'

function withParameters(
  data: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
  configMap?: Readonly<Record<string, string>>,
  others: readonly object[] = [],
): Translated {
  return translated({
    annotations: { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'php', ...annotations },
    objects: [{ kind: 'ConfigMap', metadata: { name: 'php' }, data }, ...others],
    ...(configMap === undefined ? {} : { configMap }),
  })
}

describe('FCGI-1: what the ConfigMap may hold', () => {
  test.each([
    ['variables', 'a/$host-${request_uri}', 'a/$host-$request_uri'],
    ['names of variables in any case', '$Host', '$host'],
    ['braces that are none of a variable', '{a}', '"{a}"'],
    ['the script with the index', '/srv$fastcgi_script_name', '/srv$fastcgi_script_name$script_index'],
    ['nothing', '', '""'],
  ])('%s', (_fact, value, printed) => {
    const { profile, problems } = withParameters({ NAME: value })
    expect(problems).toEqual([])
    expect(profile.filter((line) => line.startsWith('fastcgi_param '))).toEqual([`fastcgi_param NAME ${printed};`])
  })

  // Another Ingress for the same path, so that there is a host.
  test.each<readonly [fact: string, data: Readonly<Record<string, string>>]>([
    ['a blank in a name', { 'A B': 'x' }],
    ['a line end in a name', { 'A\n': 'x' }],
    ['a semicolon', { A: 'x;' }],
    ['a quote', { A: '"' }],
    ['a blank', { A: 'a b' }],
    ['a line end', { A: 'a\n' }],
    ['NUL', { A: 'a\u0000' }],
    ['a variable that nobody has', { A: '$nobody_has_this' }],
    ['a group of no pattern', { A: '$1' }],
    ['a $ that begins no name', { A: 'a$/b' }],
    ['a brace that does not end', { A: '${host' }],
    ['more than a directive can hold', { A: 'x'.repeat(1001) }],
    ['too many', Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`N${i}`, 'x']))],
  ])('%s refuses the Ingress (REJ)', (_fact, data) => {
    const { route, problems } = withParameters(data, {}, undefined, [ingress('other', {})])
    expect(problems.map(({ code }) => code)).toContain('annotation/refused')
    expect(route.features?.backend).toBeUndefined()
  })
})

describe('FCGI-2: the ConfigMap of a name with another namespace', () => {
  const named = { 'fastcgi-params-configmap': 'else/php' }

  test('is not read; the paths are served without it (OFF)', () => {
    const { closed, profile, problems } = withParameters({ A: 'x' }, named)
    expect([closed, profile.some((line) => line.startsWith('fastcgi_param '))]).toEqual([false, false])
    expect(problems.map(({ code }) => code)).toEqual(['annotation/invalid-value'])
  })

  test('is that of the own namespace where other namespaces are allowed', () => {
    const { profile, problems } = withParameters({ A: 'x' }, named, { 'allow-cross-namespace-resources': 'true' })
    expect(problems).toEqual([])
    expect(profile).toContain('fastcgi_param A x;')
  })
})

test('FCGI-3: an index needs no profile of its own', () => {
  const of = (index: string): Translated =>
    translated({ annotations: { 'backend-protocol': 'FCGI', 'fastcgi-index': index } })
  expect(of('index.php').route.features?.backend?.index).toBe('index.php')
  expect(of('index.php').route.profile).toBe(of('other.php').route.profile)
  expect(of('index.php').translation.profiles).toHaveLength(translated({}).translation.profiles.length)
})

test('a missing ConfigMap closes the paths (503)', () => {
  const annotations = { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'nowhere' }
  expect(translated({ annotations }).closed).toBe(true)
})
