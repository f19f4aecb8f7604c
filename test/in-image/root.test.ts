import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { imageRoot, runInImage } from './container.js'

let root: string

beforeAll(() => {
  root = imageRoot()
})

describe('the root file system of the image, as user 101 and read-only', () => {
  it('is read-only and its user is 101, without root rights', () => {
    expect(runInImage(root, 'id', '-un')).toEqual({ status: 0, said: 'fairlead\n' })
    expect(runInImage(root, 'touch', '/here').said).toContain('Read-only file system')
  })

  it('has NGINX with the Lua module where Fairlead looks for it', () => {
    const { status, said } = runInImage(root, 'fairlead', 'version')
    expect(said).toMatch(/^engine nginx 1\.\d+\.\d+ \(\/usr\/sbin\/nginx\)$/m)
    expect(status).toBe(0)
    expect(runInImage(root, 'nginx', '-V').said).toContain('--with-compat')
  })

  it('has a Node that the program accepts', () => {
    const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)\./.exec(runInImage(root, 'node', '--version').said) ?? []
    expect(Number(major) * 1000 + Number(minor)).toBeGreaterThanOrEqual(20_019)
  })

  it('has certificates of authorities, for backends and the API server', () => {
    const count = runInImage(root, 'grep', '-c', 'BEGIN CERTIFICATE', '/etc/ssl/certs/ca-certificates.crt')
    expect(Number(count.said)).toBeGreaterThan(50)
  })

  it('runs the other commands too: check reads a folder', () => {
    expect(runInImage(root, 'fairlead', 'check', '/srv')).toMatchObject({ status: 0 })
  })

  it('has no program that gives more rights, and no tools to build with', () => {
    expect(runInImage(root, 'which', 'node').status).toBe(0)
    expect(runInImage(root, 'find', '/usr', '-xdev', '-perm', '/6000', '-type', 'f').said).toBe('')
    const tools = ['gcc', 'cc', 'make', 'npm', 'npx', 'setcap', 'git', 'curl', 'wget']
    expect(tools.filter((tool) => runInImage(root, 'which', tool).status === 0)).toEqual([])
    expect(existsSync(join(root, 'opt/fairlead/node_modules/pino'))).toBe(true)
    expect(existsSync(join(root, 'opt/fairlead/node_modules/vitest'))).toBe(false)
  })

  it('is installed, not merely unpacked: dpkg finds nothing amiss', () => {
    expect(runInImage(root, 'dpkg', '--audit')).toEqual({ status: 0, said: '' })
    expect(runInImage(root, 'dpkg', '--verify', 'nginx', 'nodejs', 'dash', 'dumb-init').status).toBe(0)
  })

  it('gives user 101 its folder where a pod mounts nothing there', () => {
    const { uid, mode } = statSync(join(root, 'var/lib/fairlead'))
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 101, mode: 0o755 })
  })
})
