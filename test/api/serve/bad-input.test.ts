import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createAuthority } from '../../support/certificates.js'
import { openStage, type Stage, writeKubeconfig } from './stage.js'
import type { Replica } from './replica.js'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})

afterAll(() => stage?.end())

/** The service account's file of a cluster cannot be there, so the kubeconfig comes from nowhere but the flags. */
const nowhere = { KUBECONFIG: '', HOME: '/nonexistent', POD_NAME: '', POD_NAMESPACE: '' }
const within = { ...nowhere, KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '6443' }

interface Refusal {
  readonly flags: (stage: Stage) => readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly says: RegExp
}

/** The last of two equal flags counts, so these stand in for those of the replica. */
const refusals: Readonly<Record<string, Refusal>> = {
  'no kubeconfig, and no cluster around': {
    flags: () => ['--kubeconfig='],
    environment: nowhere,
    says: /--kubeconfig.*--manifests DIR/s,
  },
  'in a cluster, but without a service account': {
    flags: () => ['--kubeconfig='],
    environment: within,
    says: /serviceaccount/,
  },
  'a kubeconfig that does not exist': {
    flags: ({ folder }) => ['--kubeconfig', join(folder, 'none')],
    says: /kubeconfig.*none/,
  },
  'a kubeconfig that is no YAML': {
    flags: ({ folder }) => ['--kubeconfig', fileWith(folder, 'tabs', 'a: [\n\t}')],
    says: /tabs/,
  },
  'a kubeconfig without the context that it names': {
    flags: ({ folder }) => ['--kubeconfig', fileWith(folder, 'lost', '{"current-context":"lost","contexts":[]}')],
    says: /context.*lost/,
  },
  'an unknown flag, with the nearest one': {
    flags: () => ['--watch-namespac=shop'],
    says: /unknown option '--watch-namespac'\n\(Did you mean --watch-namespace\?\)/,
  },
  'a namespace that does not exist': {
    // The installed role may not look at namespaces, and then one counts as existing.
    flags: ({ cluster }) => ['--watch-namespace=nowhere', '--kubeconfig', cluster.kubeconfig],
    says: /--watch-namespace: there is no namespace nowhere in the cluster/,
  },
  'both namespace flags': {
    flags: () => ['--watch-namespace=default', '--watch-namespace-selector=a=b'],
    says: /--watch-namespace and --watch-namespace-selector exclude each other/,
  },
  'a selector that is none': {
    flags: () => ['--watch-namespace-selector=a in (b'],
    says: /--watch-namespace-selector: /,
  },
  'two sources of the status': {
    flags: () => ['--publish-service=a/b'],
    says: /--publish-service and --publish-status-address/,
  },
  'a duration that is none': {
    flags: () => ['--election-ttl=soon'],
    says: /--election-ttl.*'soon' is invalid/,
  },
  'a cluster and a folder': {
    flags: ({ folder }) => ['--manifests', folder],
    says: /--manifests serves a folder and --kubeconfig or --apiserver-host a cluster/,
  },
  'in a cluster, but POD_NAME and POD_NAMESPACE are missing (FLG-3)': {
    flags: () => [],
    environment: within,
    says: /POD_NAME and POD_NAMESPACE are not set\. Add them to the container: env: /,
  },
}

describe.concurrent('serve ends with 2 and a sentence when it is given (FLG-2)', () => {
  it.each(Object.entries(refusals))('%s', async (_, { flags, environment = {}, says }) => {
    const replica = stage.replica({ environment })
    replica.start(...flags(stage))
    expect(await exitOf(replica)).toBe(2)
    expect(replica.log()).toMatch(says)
    expect(replica.log()).not.toMatch(/^ +at /m)
    expect(replica.nginx()).toBe(0)
  })
})

describe.concurrent('serve goes on', () => {
  it('with flags of ingress-nginx that mean nothing here, and warns of each once', async () => {
    const replica = stage.replica({ flags: ['--disable-leader-election'] })
    onTestFinished(() => void replica.process()?.kill('SIGTERM'))
    replica.start('--profiling', '--sync-period=10m', '--stderrthreshold=2', '--sync-period=20m')
    await replica.ready()
    for (const name of ['profiling', 'sync-period', 'stderrthreshold'])
      expect(replica.log().match(new RegExp(`--${name} has no effect: `, 'g'))).toHaveLength(1)
  })

  it.each([
    ['with a token that the API server does not know', /401|Unauthorized/, writeWrongToken],
    ['with an authority that did not sign the API server’s certificate', /certificate/, writeWrongAuthority],
  ])('%s, and says so until that is put right', async (_, says, write) => {
    const kubeconfig = write()
    const replica = stage.replica({ kubeconfig, flags: ['--disable-leader-election'] })
    onTestFinished(() => void replica.process()?.kill('SIGTERM'))
    replica.start()
    await replica.logs(/\[source\/unreachable\]/)
    expect(replica.log()).toMatch(says)
    expect(await replica.ask('/healthz')).toMatchObject({ status: 500, body: expect.stringMatching(says) })
  })
})

function writeWrongToken(): string {
  return writeKubeconfig(stage.cluster, stage.folder, 'wrong-token', { token: 'not-a-token' })
}

function writeWrongAuthority(): string {
  const caFile = fileWith(stage.folder, 'other-ca', createAuthority('other').certificate)
  return writeKubeconfig({ ...stage.cluster, caFile }, stage.folder, 'wrong-authority', { token: 'token' })
}

function fileWith(folder: string, name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

async function exitOf(replica: Replica): Promise<number | null> {
  const child = replica.process()
  if (child === undefined) throw new Error('it was not started')
  if (child.exitCode !== null) return child.exitCode
  return new Promise((resolve) => child.once('close', (code) => resolve(code)))
}
