import { expect, test } from 'vitest'
import { withoutReplaced } from './profile-location.js'
import { proxyDefaults } from './proxy.js'
import { defaultFrameSettings } from './settings.js'

test('its directives take the place of the defaults, each once', () => {
  const names = withoutReplaced(proxyDefaults(defaultFrameSettings), [{ name: 'proxy_buffering', args: ['on'] }]).map(
    ({ name }) => name,
  )
  expect(names.filter((name) => name === 'proxy_buffering')).toHaveLength(1)
  expect(names.at(-1)).toBe('proxy_buffering')
})
