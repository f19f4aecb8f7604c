import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = new URL('../../deploy/image/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const names = (name: string): readonly string[] =>
  read(name)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
const lists = ['packages', 'packages-optional', 'packages-to-finish']
const dockerfile = read('Dockerfile')
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
const build = read('build')

describe('the Dockerfile and the script that needs no container engine make the image from the same', () => {
  it.each(lists)('list of packages: %s', (list) => {
    expect(names(list).length).toBeGreaterThan(0)
    expect(finalStage).toMatch(new RegExp(`grep -hv '\\^#' [^\\n]*/tmp/image/${list}[ )]`))
    expect(build).toMatch(new RegExp(`names [^\\n]*"\\$image"/${list}(?![-\\w])`))
  })

  it('what they install: the packages, and those beside them that can be had', () => {
    expect(finalStage).toContain('apt-get install --yes --no-install-recommends "$@" ${optional} ')
    expect(build).toContain('resolved "${essential[@]}" "${all[@]}" "${more[@]}" "${optional[@]}"')
  })

  it('list only: neither names a package of it beside the list', () => {
    const commands = (text: string): string => text.replace(/^\s*#.*$/gm, '')
    for (const name of lists.flatMap(names)) {
      const alone = new RegExp(`(?:install|purge|resolved|download)[^\\n]* ${name}(?:\\s|$)`)
      expect(commands(finalStage)).not.toMatch(alone)
      expect(commands(build)).not.toMatch(alone)
    }
  })

  it('script that finishes it, and files that are added', () => {
    expect(finalStage).toContain('&& /tmp/image/finish')
    expect(build).toContain('in_root /finish')
    expect(finalStage).toContain('COPY deploy/image/root /')
    expect(build).toContain('cp -R "$image/root/." "$work/root/"')
  })

  it("suite, which is the engine's first one", () => {
    const suites = readFileSync(new URL('../../engine/suites', folder), 'utf8')
    const first = suites.split('\n').find((line) => !line.startsWith('#'))
    expect(/^ARG SUITE=(\S+)$/m.exec(dockerfile)?.[1]).toBe(first?.split(/\s+/)[0])
  })
})

describe('the image', () => {
  it('is what charts for ingress-nginx count on: user, entrypoint, programs', () => {
    expect(finalStage).toContain('\nUSER 101\n')
    expect(finalStage).toContain('ENTRYPOINT ["/usr/bin/dumb-init", "--"]')
    expect(finalStage).toContain('CMD ["/nginx-ingress-controller"]')
    expect(readdirSync(new URL('root/', folder)).sort()).toEqual(['nginx-ingress-controller', 'wait-shutdown'])
  })

  it('is for every architecture that Debian has the packages for: none is written out', () => {
    const files = [
      'Dockerfile',
      'build',
      'finish',
      'pack',
      'packages',
      'root/nginx-ingress-controller',
      'root/wait-shutdown',
    ]
    for (const file of files) expect(read(file)).not.toMatch(/amd64|x86[-_]64|arm64|aarch64|x64/)
  })
})
