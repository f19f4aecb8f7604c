import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../engine/fetch', import.meta.url))
const sourcesReader = fileURLToPath(new URL('../../engine/sources.awk', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'fairlead-fetch-'))
const pathFolders = (process.env['PATH'] ?? '').split(':').filter((each) => each.startsWith('/'))
let count = 0

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the machine's own apt sources, read for another suite", () => {
  const signed = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const main = ['URIs: http://mirror.test/debian', 'Suites: trixie trixie-updates', 'Components: main']
  const security = ['URIs: http://security.test/debian-security', 'Suites: trixie-security', 'Components: main']

  it('deb822: mirror and keyring of each kind are taken over', () => {
    const file = source(
      'sources',
      '# comment\nTypes: deb deb-src\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-updates',
      `Components: main contrib\nSigned-By: ${signed}\n\nTypes: deb\nURIs: http://security.test/debian-security`,
      `Suites: bookworm-security\nComponents: main\nSigned-By: ${signed}`,
    )
    expect(read(file)).toEqual([
      [...main, `Signed-By: ${signed}`],
      [...security, `Signed-By: ${signed}`],
    ])
  })

  it('one line each: options, comments and the words of older releases are understood', () => {
    const file = source(
      'list',
      '# deb http://other.test/debian stable main',
      `deb [arch=amd64 signed-by=${signed}] http://mirror.test/debian/ stable main # ours`,
      'deb-src http://source.test/debian stable main',
      'deb http://security.test/debian-security stable/updates main',
    )
    expect(read(file)).toEqual([
      ['URIs: http://mirror.test/debian/', ...main.slice(1), `Signed-By: ${signed}`],
      security,
    ])
  })

  it('a key that is written into the file is passed on', () => {
    const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n bWFpbg==\n -----END PGP PUBLIC KEY BLOCK-----'
    const file = source(
      'sources',
      `Types: deb\nURIs: http://mirror.test/debian\nSuites: forky\nComponents: main\n${key}`,
    )
    expect(read(file)).toEqual([[...main, ...key.split('\n')]])
  })

  it.each([
    ['is switched off', 'Types: deb\nEnabled: no\nURIs: http://mirror.test/debian\nSuites: trixie\nComponents: main'],
    ['holds sources only', 'Types: deb-src\nURIs: http://mirror.test/debian\nSuites: trixie\nComponents: main'],
    ['has backports only', 'Types: deb\nURIs: http://mirror.test/debian\nSuites: trixie-backports\nComponents: main'],
    ['is not Debian', 'Types: deb\nURIs: http://mirror.test/ubuntu\nSuites: noble\nComponents: main'],
    ['lacks main', 'Types: deb\nURIs: http://mirror.test/debian\nSuites: trixie\nComponents: contrib'],
    ['is a disc', 'Types: deb\nURIs: cdrom:[Debian]/\nSuites: trixie\nComponents: main'],
  ])('a source that %s is not taken', (_, text) => {
    expect(read(source('sources', text))).toEqual([])
  })

  it("somebody else's repository with a suite of the same name does not go before Debian's", () => {
    const file = source(
      'list',
      'deb [signed-by=/usr/share/keyrings/tool.gpg] http://tool.test/apt trixie main',
      `deb [signed-by=${signed}] http://mirror.test/debian trixie main`,
    )
    expect(read(file)).toEqual([[...main, `Signed-By: ${signed}`]])
  })

  it('trust without a signature is not taken over', () => {
    const file = source('list', 'deb [trusted=yes allow-insecure=yes] http://mirror.test/debian trixie main')
    expect(read(file)).toEqual([main])
  })

  function source(ending: string, ...lines: readonly string[]): string {
    const file = join(folder, `${count++}.${ending}`)
    writeFileSync(file, `${lines.join('\n')}\n`)
    return file
  }

  /** The stanzas, without the lines that are the same in all. */
  function read(file: string): readonly (readonly string[])[] {
    const wanted = ['-v', 'main=trixie trixie-updates', '-v', 'security=trixie-security']
    const { stdout, stderr } = spawnSync('awk', [...wanted, '-f', sourcesReader, file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const stanzas = stdout.split('\n\n').filter((stanza) => stanza !== '')
    return stanzas.map((stanza) =>
      stanza.split('\n').filter((line) => line !== 'Types: deb' && line !== 'Targets: Packages'),
    )
  }
})

describe('a machine without apt', () => {
  it('is told the way out', () => {
    const { status, stderr } = fetchEngine({ PATH: withoutApt() })
    expect(stderr).toMatch(
      /^engine: this machine has no apt-get.* Install OpenResty, or NGINX .*--nginx or FAIRLEAD_NGINX/,
    )
    expect(status).toBe(1)
  })

  it.each(['openresty', 'nginx'])('may go on with the %s that is installed', (name) => {
    const path = withoutApt()
    symlinkSync('/bin/sh', join(path, name))
    const { status, stderr } = fetchEngine({ PATH: path })
    expect(stderr).toContain(`Engine: ${path}/${name}, which is installed`)
    expect(status).toBe(0)
  })

  it('has no use for another NGINX where a suite is asked for', () => {
    const path = withoutApt()
    symlinkSync('/bin/sh', join(path, 'nginx'))
    expect(fetchEngine({ PATH: path }, '--suite', 'forky').status).toBe(1)
  })

  it('goes on with what is in place already, of the same recipe and architecture', () => {
    const path = withoutApt()
    const recipe = /"recipe": "(\d+)"/
    const engines = join(folder, `engines-${count++}`)
    const shell = `. "${script.replace(/fetch$/, 'lib.sh')}"; grep -hv '^#' "$here"/packages* | cksum | cut -d ' ' -f 1`
    const current = spawnSync('bash', ['-c', shell], { encoding: 'utf8' }).stdout.trim()
    mkdirSync(join(engines, 'forky/usr/sbin'), { recursive: true })
    symlinkSync('/bin/sh', join(engines, 'forky/usr/sbin/nginx'))
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch
    const manifest = `{\n  "nginx": "1.30.6",\n  "architecture": "${architecture}",\n  "recipe": "${current}",\n  "packages": []\n}\n`
    const run = (text: string) => {
      writeFileSync(join(engines, 'forky/manifest.json'), text)
      return fetchEngine({ PATH: path, FAIRLEAD_ENGINE_DIR: engines })
    }
    const there = run(manifest)
    expect(there).toMatchObject({ status: 0, stderr: `Engine: nginx 1.30.6 (forky), already in ${engines}/forky\n` })
    expect(run(manifest.replace(recipe, '"recipe": "1"')).status).toBe(1)
    expect(run(manifest.replace(architecture, 'riscv64')).status).toBe(1)
  })

  /** A PATH with the tools that every system has, and without apt's. */
  function withoutApt(): string {
    const path = join(folder, `path-${count++}`)
    mkdirSync(path)
    for (const tool of ['bash', 'dirname', 'grep', 'cksum', 'cut', 'sed', 'find', 'uname', 'mkdir', 'cat']) {
      const found = pathFolders.map((each) => join(each, tool)).find((file) => existsSync(file))
      if (found === undefined) throw new Error(`this machine has no ${tool}`)
      symlinkSync(found, join(path, tool))
    }
    return path
  }
})

it('nothing is fetched where FAIRLEAD_NGINX names an NGINX', () => {
  const { status, stderr } = fetchEngine({ FAIRLEAD_NGINX: '/opt/nginx', PATH: process.env['PATH'] }, '--all')
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'Engine: /opt/nginx, which FAIRLEAD_NGINX names\n' })
})

it('a suite that is not in the list is refused, and the list is named', () => {
  const { status, stderr } = fetchEngine({ PATH: process.env['PATH'] }, '--suite', 'potato')
  expect(stderr).toBe('engine: engine/suites has no suite "potato"; it has forky trixie.\n')
  expect(status).toBe(1)
})

// What is held here is how apt's answers are read; where there is no apt there are none.
describe.runIf(pathFolders.some((each) => existsSync(join(each, 'apt-get'))))('a mirror that is of no use', () => {
  it('cannot be reached: what apt says, and where to look', () => {
    const { status, stderr, left } = fetchFrom(join(folder, 'nowhere'))
    expect(stderr).toContain('the package lists of Debian forky could not be fetched; look at the network')
    expect(stderr).toContain('engine: no NGINX could be fetched from Debian forky')
    expect({ status, left }).toEqual({ status: 1, left: [] })
  })

  it('is not signed: nothing is taken from it', () => {
    const mirror = join(folder, 'unsigned')
    mkdirSync(join(mirror, 'dists/forky/main/binary-amd64'), { recursive: true })
    writeFileSync(join(mirror, 'dists/forky/main/binary-amd64/Packages'), '')
    const date = new Date().toUTCString().replace('GMT', 'UTC')
    writeFileSync(
      join(mirror, 'dists/forky/Release'),
      `Suite: forky\nCodename: forky\nDate: ${date}\nComponents: main\n`,
    )
    const { status, stderr, left } = fetchFrom(mirror)
    expect(stderr).toContain('the signature of Debian forky could not be verified')
    expect({ status, left }).toEqual({ status: 1, left: [] })
  })

  function fetchFrom(mirror: string) {
    const engines = join(folder, `engines-${count++}`)
    const keyring = join(folder, 'keyring.gpg')
    writeFileSync(keyring, '')
    const result = fetchEngine(
      {
        PATH: process.env['PATH'],
        FAIRLEAD_ENGINE_DIR: engines,
        FAIRLEAD_ENGINE_MIRROR: `file://${mirror}`,
        FAIRLEAD_ENGINE_KEYRING: keyring,
      },
      '--suite',
      'forky',
    )
    // Names that begin with a dot are the script's own.
    return { ...result, left: readdirSync(engines).filter((name) => !name.startsWith('.')) }
  }
})

/** Runs engine/fetch where it finds nothing of this user. */
function fetchEngine(environment: Record<string, string | undefined>, ...args: readonly string[]) {
  const alone = { HOME: folder, FAIRLEAD_ENGINE_DIR: join(folder, 'empty') }
  const { status, stderr } = spawnSync('bash', [script, ...args], {
    env: { ...alone, ...environment },
    encoding: 'utf8',
  })
  return { status, stderr }
}
