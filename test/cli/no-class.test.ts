import { expect, test } from 'vitest'
import { folderWith, ingressText, run } from './run.js'

const annotation = 'kubernetes.io/ingress.class'
const foreign =
  '{"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "foreign"}, "spec": {"controller": "example.com/other"}}'

test('SEL-3: of an Ingress in a folder without class, check says what is missing and how to put it right', async () => {
  const folder = folderWith({ 'n.json': ingressText('n', 'n.test') })
  const { code, out } = await run(['check', folder])
  expect(code).toBe(0)
  expect(out).toContain('n.json:1:')
  expect(out).toContain('warning Ingress demo/n spec.ingressClassName [ingress/no-class]')
  expect(out).toContain('Set spec.ingressClassName to "nginx", or run with --watch-ingress-without-class')
  expect(out).toContain('0 Ingresses served, 0 errors, 1 warning')
  expect((await run(['check', folder, '--watch-ingress-without-class'])).out).not.toContain('ingress/no-class')
})

test('SEL-3: a mistyped annotation of the class is told; what a flag or an IngressClass leaves out is not', async () => {
  const folder = folderWith({
    'typed.json': ingressText('typed', 'typed.test', {}, { [annotation]: 'ngnix' }),
    'foreign.json': ingressText('foreign', 'foreign.test', { ingressClassName: 'foreign' }),
    'class.json': foreign,
  })
  const { out } = await run(['check', folder])
  expect(out).toContain(`warning Ingress demo/typed metadata.annotations["${annotation}"] [ingress/no-class]`)
  expect(out).toContain('This annotation is "ngnix", and ours is "nginx"')
  expect(out).toContain('1 warning')
  expect((await run(['check', folder, '--watch-namespace', 'else'])).out).toContain('0 warnings')
})

test('explain names the Ingresses that declare the host and are not served', async () => {
  const folder = folderWith({
    'n.json': ingressText('n', 'n.test'),
    'wild.json': ingressText('wild', '*.w.test', {}, { [annotation]: 'ngnix' }),
    'foreign.json': ingressText('foreign', 'foreign.test', { ingressClassName: 'foreign' }),
    'class.json': foreign,
    'ours.json': ingressText('ours', 'ours.test', { ingressClassName: 'nginx' }),
    'also.json': ingressText('also', 'ours.test'),
  })
  const explain = async (url: string): Promise<string> => (await run(['explain', url, '--manifests', folder])).out
  const bare = await explain('http://n.test/')
  expect(bare).toMatch(/host +default server \(no host of this name is served\)/)
  expect(bare).toMatch(
    /not served +Ingress demo\/n, spec\.rules\[0\]\.host \(.*n\.json:1\): This Ingress names no class/,
  )
  expect(await explain('http://a.w.test/')).toMatch(/not served +Ingress demo\/wild, .*This annotation is "ngnix"/)
  expect(await explain('http://foreign.test/')).toContain('is of the controller "example.com/other"')
  expect(await explain('http://ours.test/')).not.toContain('not served')
  expect(await explain('http://nobody.test/')).toContain('no host of this name is declared')
})
