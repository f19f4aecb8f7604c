import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-go-'))
const pathFolders = (process.env['PATH'] ?? '').split(':').filter((each) => each.startsWith('/'))
const bin = withoutGoAndApt()

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('test/cluster/build on a machine without Go and apt', () => {
  it('tells the reason and the way out', () => {
    goSays(undefined)
    const { status, stderr } = build()
    expect(stderr).toContain('no Go 1.26.0 or newer on the PATH')
    expect(stderr).toMatch(/no apt-get.* Install a newer Go, .*or name a folder .* in KUBEBUILDER_ASSETS/)
    expect(status).toBe(1)
  })

  it('does not take a Go that is too old', () => {
    goSays('echo go1.25.9')
    const { status, stderr } = build()
    expect(stderr).toContain('no Go 1.26.0 or newer on the PATH')
    expect(status).toBe(1)
  })

  it('takes a Go that is new enough, which is never asked to fetch another', () => {
    goSays(
      'test "$GOTOOLCHAIN" = local || exit 9\ncase "$1" in env) echo go1.27.1 ;; *) echo "said: $*" >&2; exit 1 ;; esac',
    )
    const { status, stderr } = build()
    expect(stderr).toContain('said: list -deps k8s.io/kubernetes/cmd/kube-apiserver')
    expect(stderr).toContain('kube-apiserver could not be built')
    expect(status).toBe(1)
  })

  it('needs no Go where KUBEBUILDER_ASSETS has the programs', () => {
    const assets = join(folder, 'assets')
    mkdirSync(assets)
    for (const name of ['kube-apiserver', 'etcd', 'kubectl']) program(assets, name, 'true')
    goSays(undefined)
    const { status, stderr } = build({ KUBEBUILDER_ASSETS: assets })
    expect(stderr).toContain(`up to date: ${assets}`)
    expect(status).toBe(0)
  })
})

function build(environment: Readonly<Record<string, string>> = {}) {
  const script = fileURLToPath(new URL('../cluster/build', import.meta.url))
  const caches = { TESTCLUSTER_CACHE: join(folder, 'cache'), FAIRLEAD_ENGINE_DIR: join(folder, 'fairlead', 'engine') }
  const env = { PATH: bin, HOME: folder, ...caches, ...environment }
  return spawnSync(script, ['control-plane'], { env, encoding: 'utf8' })
}

/** The Go of the PATH is this script; undefined: there is none. */
function goSays(body: string | undefined): void {
  if (body === undefined) rmSync(join(bin, 'go'), { force: true })
  else program(bin, 'go', body)
}

function program(where: string, name: string, body: string): void {
  rmSync(join(where, name), { force: true })
  writeFileSync(join(where, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
}

/** A folder with links to every program of the PATH but these. */
function withoutGoAndApt(): string {
  const made = join(folder, 'bin')
  mkdirSync(made)
  const names = new Set<string>(['go', 'apt-get', 'apt-cache'])
  for (const from of pathFolders) {
    for (const name of readNames(from)) {
      if (names.has(name)) continue
      names.add(name)
      symlinkSync(join(from, name), join(made, name))
    }
  }
  return made
}

function readNames(from: string): readonly string[] {
  try {
    return readdirSync(from)
  } catch {
    return []
  }
}
