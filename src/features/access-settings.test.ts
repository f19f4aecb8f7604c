import { describe, expect, test } from 'vitest'
import { defaultKeys } from './defaults.js'
import { isExemptFromAuth, noAuthLocationsSetting } from './no-auth-locations.js'
import { keyOfObject, whyForeign } from './other-namespace.js'

const [[key, declared] = ['', undefined]] = Object.entries(noAuthLocationsSetting)

/** What families see of a ConfigMap with this value. */
function settingOf(text: string | undefined): { readonly setting: (name: string) => unknown } {
  if (text === undefined) return { setting: () => undefined }
  const read = declared?.kind.parse(text)
  const value = text === '' ? declared?.empty : read?.ok === true ? read.value : undefined
  return { setting: (name) => (name === key ? value : undefined) }
}

describe('no-auth-locations (BAS-8, EXT-10, PATH-9)', () => {
  test.each<readonly [locations: string | undefined, path: string, exempt: boolean]>([
    [undefined, '/.well-known/acme-challenge/x', true],
    [undefined, '/.well-known/acme-challenge', true],
    [undefined, '/.well-known', false],
    [undefined, '/', false],
    ['', '/.well-known/acme-challenge', false],
    ['/open', '/.well-known/acme-challenge', false],
    ['/open', '/opening', true],
    ['/open', '/x/open', false],
    ['/a , /b', '/b/c', true],
    [',', '/', false],
    ['/a,,/b', '/c', false],
    ['/', '/anything', true],
    ['/\u00fc', '/\u00c3\u00bc/x', true],
  ])('%j and the path %j: %s', (locations, path, exempt) => {
    expect(isExemptFromAuth({ path }, settingOf(locations))).toBe(exempt)
  })
})

describe('names of objects', () => {
  test.each<readonly [text: string, key: string | undefined]>([
    ['users', 'shop/users'],
    ['other/users', 'other/users'],
    ['', undefined],
    ['/', undefined],
    ['/users', undefined],
    ['other/', undefined],
    ['a/b/c', undefined],
  ])('%j in namespace shop is %j', (text, named) => {
    expect(keyOfObject(text, 'shop')).toBe(named)
  })

  const ingress = { namespace: 'shop' } as Parameters<typeof whyForeign>[2]['ingress'] // nothing else of it is read
  test.each([
    ['shop', undefined, undefined],
    ['other', true, undefined],
    ['other', false, 'Secret other/users is in another namespace'],
    ['other', undefined, 'Secret other/users is in another namespace'],
  ] as const)('a Secret of %s, and the switch is %s: %s', (namespace, allowed, why) => {
    const found = whyForeign('Secret', { namespace, name: 'users' }, { ingress, setting: () => allowed })
    if (why === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(why)
  })

  test('the key of the switch is one that is read', () => {
    expect(defaultKeys).toContain('allow-cross-namespace-resources')
  })
})
