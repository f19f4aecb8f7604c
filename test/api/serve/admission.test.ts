import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../serve/program.js'
import { ingress, service } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

const COUNT = 10_000
const PORT = 9443
const bin = fileURLToPath(new URL('../../../bin/fairlead', import.meta.url))

let stage: Stage
let replica: Replica

beforeAll(async () => {
  stage = await openStage()
  const { cluster, folder, inside } = stage
  await cluster.apply(service('app', 'one'))
  const others = Array.from({ length: COUNT }, (_, index) => ingress(`other-${index}`, `other-${index}.test`, 'app'))
  await inside.create('/apis/networking.k8s.io/v1/namespaces/default/ingresses', others)
  await cluster.apply([webhook('Fail')])
  const said = await makeCertificate()
  expect(said).toContain('Secret fairlead/admission')
  const files = join(folder, 'webhook')
  mkdirSync(files)
  for (const key of ['cert', 'key']) writeFileSync(join(files, key), await readSecret(key), { mode: 0o600 })
  const flags = [
    `--validating-webhook=127.0.0.1:${PORT}`,
    `--validating-webhook-certificate=${join(files, 'cert')}`,
    `--validating-webhook-key=${join(files, 'key')}`,
    '--disable-leader-election',
  ]
  replica = stage.replica({ flags })
  replica.start()
  await replica.ready()
}, 600_000)

afterAll(() => stage?.end())

describe('the admission webhook on a real API server', () => {
  it('has a certificate that the API server trusts; a second run of the command finds nothing to do', async () => {
    expect(await makeCertificate()).toBe('the certificate is good and trusted; nothing was written\n')
    await stage.cluster.apply([ingress('fine', 'fine.test', 'app')])
    await replica.serves('fine.test', 'one')
  })

  it('ADM-2: a denial reaches who applies, with field and rule, and nothing is stored', async () => {
    const bad = ingress('bad', 'bad.test', 'app', { path: '/x; root /etc;', pathType: 'ImplementationSpecific' })
    await expect(stage.cluster.apply([bad])).rejects.toThrow(
      /admission webhook "validate\.fairlead\.test" denied the request: spec\.rules\[0\]\.http\.paths\[0\]\.path: .*--deep-inspect/,
    )
    await expect(stage.cluster.kubectl('get', 'ingress', 'bad')).rejects.toThrow(/NotFound|not found/)
  })

  it('ADM-2, check 11: a path that another of 10,000 Ingresses has is refused in less than a second', async () => {
    const twice = ingress('twice', `other-${COUNT - 1}.test`, 'app')
    const denial = new RegExp(
      `denied the request: spec\\.rules\\[0\\]\\.http\\.paths\\[0\\]\\.path: .*default/other-${COUNT - 1} already`,
    )
    // The first one finds the code cold.
    await expect(stage.cluster.apply([twice])).rejects.toThrow(denial)
    const before = await timeInWebhook()
    for (let count = 0; count < 5; count += 1) await expect(stage.cluster.apply([twice])).rejects.toThrow(denial)
    const after = await timeInWebhook()
    const seconds = (after.seconds - before.seconds) / (after.calls - before.calls)
    console.log(`a review against ${COUNT} Ingresses took the API server ${(seconds * 1000).toFixed(1)} ms on average`)
    expect(seconds).toBeLessThan(1)
  })

  it('ADM-3: warnings reach who applies, and the Ingress is stored', async () => {
    const odd = ingress('odd', 'odd.test', 'app', {
      annotations: { 'nginx.ingress.kubernetes.io/secure-backends': 'true' },
    })
    const file = join(stage.folder, 'odd.json')
    writeFileSync(file, JSON.stringify(odd))
    const said = await stage.cluster.run('sh', '-c', `kubectl -n default apply -f ${file} 2>&1`)
    expect(said).toMatch(/^Warning: .*secure-backends/m)
    expect(said).toContain('ingress.networking.k8s.io/odd created')
  })

  it('is not in the way of others’ classes, nor of a deletion', async () => {
    const foreign = ingress('foreign', `other-0.test`, 'app', { className: 'foreign' })
    await stage.cluster.apply([foreign])
    expect(await stage.cluster.kubectl('delete', 'ingress', 'foreign')).toContain('deleted')
  })

  it('with failurePolicy Ignore is not in the way when the controller is down', async () => {
    const { cluster } = stage
    await replica.kill()
    await expect(cluster.apply([ingress('down', 'down.test', 'app')])).rejects.toThrow(/failed calling webhook/)
    await cluster.kubectl('patch', 'validatingwebhookconfiguration', 'fairlead', '--type=json', '-p', ignore)
    await until(
      async () =>
        cluster.apply([ingress('down', 'down.test', 'app')]).then(
          () => true,
          () => false,
        ),
      LONG,
    )
    replica.start()
    await replica.ready()
    await replica.serves('down.test', 'one')
  })
})

const ignore = JSON.stringify([{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }])

function webhook(failurePolicy: string): object {
  const rule = { apiGroups: ['networking.k8s.io'], apiVersions: ['v1'], resources: ['ingresses'] }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'fairlead' },
    webhooks: [
      {
        name: 'validate.fairlead.test',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy,
        matchPolicy: 'Equivalent',
        clientConfig: { url: `https://localhost:${PORT}/networking/v1/ingresses` },
        rules: [{ ...rule, operations: ['CREATE', 'UPDATE'] }],
      },
    ],
  }
}

function makeCertificate(): Promise<string> {
  const { cluster } = stage
  const where = [
    '--namespace',
    'fairlead',
    '--secret-name',
    'admission',
    '--webhook',
    'fairlead',
    '--host',
    'localhost',
  ]
  return cluster.run(process.execPath, bin, 'admission-certificate', ...where, '--kubeconfig', cluster.kubeconfig)
}

async function readSecret(key: string): Promise<string> {
  const line = `jsonpath={.data.${key}}`
  const text = await stage.cluster.kubectl('-n', 'fairlead', 'get', 'secret', 'admission', '-o', line)
  return Buffer.from(text, 'base64').toString()
}

/** As the API server counts it. */
async function timeInWebhook(): Promise<{ readonly seconds: number; readonly calls: number }> {
  const metrics = await stage.cluster.kubectl('get', '--raw', '/metrics')
  const sum = (suffix: string): number =>
    metrics
      .split('\n')
      .filter((line) => line.startsWith(`apiserver_admission_webhook_admission_duration_seconds_${suffix}{`))
      .filter((line) => line.includes('name="validate.fairlead.test"'))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  return { seconds: sum('sum'), calls: sum('count') }
}
