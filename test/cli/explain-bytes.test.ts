import { expect, test } from 'vitest'
import { folderWith, ingressText, run } from './run.js'

test('explain prints paths beyond ASCII as they are written, and bytes that are no UTF-8 escaped', async () => {
  const text = ingressText('n', 'n.test', { ingressClassName: 'nginx' }).replace('"path":"/"', '"path":"/é"')
  const folder = folderWith({ 'n.json': text })
  const { out } = await run(['explain', 'http://n.test/é/x', '--manifests', folder])
  expect(out).toContain('path "/é/x" as NGINX understands it')
  expect(out).toMatch(/path +\/é \(longest Prefix\)/)
  const json: unknown = JSON.parse(
    (await run(['explain', 'http://n.test/%C3%A9', '--json', '--manifests', folder])).out,
  )
  expect(json).toMatchObject({ request: { path: '/é' }, route: { path: '/é' } })
  expect((await run(['explain', 'http://n.test/%E9', '--manifests', folder])).out).toContain('path "/\\xe9" as')
})
