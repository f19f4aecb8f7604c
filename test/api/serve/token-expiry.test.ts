import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../serve/program.js'
import { boundToken } from '../bound-token.js'
import { ingress, service } from './objects.js'
import { LONG } from './replica.js'
import { openStage, writeKubeconfig, type Stage } from './stage.js'

const SHORT_SECONDS = 25
const HOUR_SECONDS = 3600

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  await stage.cluster.apply([ingress('app', 'app.test', 'app'), ...service('app', 'one')])
})

afterAll(() => stage?.end())

/** A token in a file, replaced as kubelet does it: a link to another folder takes the place of the one before. */
function createTokenFile(name: string): { readonly path: string; rotate(token: string): void } {
  const folder = join(stage.folder, name)
  mkdirSync(folder)
  let count = 0
  return {
    path: join(folder, 'now', 'token'),
    rotate(token) {
      const next = join(folder, String((count += 1)))
      mkdirSync(next)
      writeFileSync(join(next, 'token'), token)
      symlinkSync(next, join(folder, 'next'))
      renameSync(join(folder, 'next'), join(folder, 'now'))
    },
  }
}

const tokenFor = (seconds: number): Promise<string> => boundToken(stage.cluster, 'fairlead', 'fairlead', seconds)

/** kube-apiserver takes it no more. */
async function hasExpired(token: string): Promise<boolean> {
  return stage.cluster
    .run(
      'kubectl',
      '--kubeconfig',
      writeKubeconfig(stage.cluster, stage.folder, 'probe', { token }),
      'get',
      'ingresses',
    )
    .then(
      () => false,
      (failure: unknown) => /must be logged in|Unauthorized/.test(String(failure)),
    )
}

async function addressOf(name: string): Promise<string> {
  return stage.cluster.kubectl('get', 'ingress', name, '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}')
}

describe('a bound token that comes to its end', () => {
  it('after its file was rotated: nobody notices', async () => {
    const file = createTokenFile('in-time')
    const first = await tokenFor(SHORT_SECONDS)
    file.rotate(first)
    const kubeconfig = writeKubeconfig(stage.cluster, stage.folder, 'in-time-config', { tokenFile: file.path })
    const replica = stage.replica({ kubeconfig })
    replica.start()
    await replica.ready()
    await until(async () => (await addressOf('app')) !== '', LONG)
    const clients = await stage.inside.startClients([{ port: replica.http, host: 'app.test', body: 'one' }])
    file.rotate(await tokenFor(HOUR_SECONDS))
    await until(() => hasExpired(first), LONG)
    await stage.cluster.apply([ingress('later', 'later.test', 'app')])
    await replica.serves('later.test', 'one')
    await until(async () => (await addressOf('later')) !== '', LONG)
    // Every watch begins anew, with the token that counts now.
    await stage.cluster.control('restart', 'kube-apiserver')
    await stage.cluster.apply([ingress('last', 'last.test', 'app')])
    await replica.serves('last.test', 'one')
    // A time of the log may end in .401, too.
    const said = replica.log().replace(/^\d\d:\d\d:\d\d\.\d+ /gm, '')
    expect(said).not.toMatch(/\b401\b|[Uu]nauthorized/)
    expect((await clients.stop()).failed).toEqual([])
    await replica.kill()
  }, 240_000)

  it('before its file is rotated: it serves on, says so, and is right after that', async () => {
    const file = createTokenFile('too-late')
    const first = await tokenFor(SHORT_SECONDS)
    file.rotate(first)
    const kubeconfig = writeKubeconfig(stage.cluster, stage.folder, 'too-late-config', { tokenFile: file.path })
    const replica = stage.replica({ kubeconfig })
    replica.start()
    await replica.ready()
    const clients = await stage.inside.startClients([{ port: replica.http, host: 'app.test', body: 'one' }])
    await until(() => hasExpired(first), LONG)
    await stage.cluster.control('restart', 'kube-apiserver')
    await replica.logs(/(401|Unauthorized).*\[source\/unreachable\]/)
    expect(await replica.ask('/readyz')).toMatchObject({ status: 200 })
    file.rotate(await tokenFor(HOUR_SECONDS))
    await replica.logs(/solved: .*\(source\/unreachable\)/)
    await stage.cluster.apply([ingress('again', 'again.test', 'app')])
    await replica.serves('again.test', 'one')
    await until(async () => (await addressOf('again')) !== '', LONG)
    expect((await clients.stop()).failed).toEqual([])
  }, 240_000)
})
