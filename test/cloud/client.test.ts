import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createCloudClient } from '../../src/loadbalancer/alibaba/client.js'
import { keySources } from '../../src/loadbalancer/alibaba/credential-sources.js'
import { createCredentials, type KeySource } from '../../src/loadbalancer/alibaba/credentials.js'
import { overridesOf } from '../../src/loadbalancer/alibaba/endpoints.js'
import { type Double, startDouble } from './start.js'

let double: Double
let folder: string
const control = new AbortController()
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  double = await startDouble()
  folder = await mkdtemp(join(tmpdir(), 'fairlead-keys-'))
})
afterAll(async () => {
  for (const close of closing) await close()
  await double.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  await double.reset()
  await double.clock(0)
  await double.keys({ testid: { secret: 'testsecret' } })
})

function clientWith(sources: readonly KeySource[], timeoutMilliseconds = 20_000) {
  const at = double.url.origin
  const client = createCloudClient({
    endpoints: {
      region: 'cn-hangzhou',
      network: 'internet',
      overrides: overridesOf({ SLB_ENDPOINT: at, NLB_ENDPOINT: at, VPC_ENDPOINT: at }),
    },
    credentials: createCredentials(sources, () => Date.now()),
    clock: systemClock,
    random: Math.random,
    signal: control.signal,
    timeoutMilliseconds,
    retryMilliseconds: { first: 2, most: 10 },
  })
  closing.push(() => client.close())
  return client
}

function sourcesWith(environment: Record<string, string>, more: { tokenFile?: string; keyFolder?: string } = {}) {
  return keySources({
    environment,
    tokenFile: more.tokenFile ?? join(folder, 'no-such-file'),
    keyFolder: more.keyFolder ?? '',
    sts: double.url,
    metadata: double.url,
    wall: () => Date.now(),
  })
}

const ours = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'testid', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'testsecret' }
const list = { product: 'slb', action: 'DescribeLoadBalancers', parameters: { RegionId: 'cn-hangzhou' } } as const
const create = {
  product: 'slb',
  action: 'CreateLoadBalancer',
  parameters: {
    RegionId: 'cn-hangzhou',
    LoadBalancerName: "it's (a) *name*! ~ größe +&=%/?#",
    Tag: [{ Key: 'a', Value: 'b c' }],
    ClientToken: 'token-1',
  },
} as const

describe('calls', () => {
  test('a signed call with every awkward character is understood by code that shares nothing with ours', async () => {
    const client = clientWith(sourcesWith(ours))
    expect(await client.call(create)).toMatchObject({ ok: true })
    const state = await double.state()
    expect(state.clb).toMatchObject([{ LoadBalancerName: create.parameters.LoadBalancerName, tags: { a: 'b c' } }])
    const nlb = {
      product: 'nlb',
      action: 'ListLoadBalancers',
      parameters: { LoadBalancerNames: ["x'!()*~ +é"] },
    } as const
    expect(await client.call(nlb)).toMatchObject({ ok: true, body: { LoadBalancers: [] } })
  })

  test('a wrong secret is refused, and so is a key that nobody knows', async () => {
    const wrong = clientWith(sourcesWith({ ...ours, ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'other' }))
    expect(await wrong.call(list)).toMatchObject({ ok: false, code: 'SignatureDoesNotMatch', class: 'refused' })
    const unknown = clientWith(sourcesWith({ ...ours, ALIBABA_CLOUD_ACCESS_KEY_ID: 'nobody' }))
    expect(await unknown.call(list)).toMatchObject({ ok: false, class: 'expired' })
  })

  test('a clock that is off by 20 minutes is told apart, by 14 minutes it does not matter', async () => {
    const client = clientWith(sourcesWith(ours))
    await double.clock(20 * 60_000)
    expect(await client.call(list)).toMatchObject({ ok: false, class: 'clock' })
    await double.clock(-20 * 60_000)
    expect(await client.call(list)).toMatchObject({ ok: false, class: 'clock' })
    await double.clock(14 * 60_000)
    expect(await client.call(list)).toMatchObject({ ok: true })
  })

  test.each([
    ['Throttling.User', 400],
    ['Throttling', 429],
    ['Throttling.Api', 503],
  ])('%s with status %i is waited out', async (code, status) => {
    const client = clientWith(sourcesWith(ours))
    await double.fail({ action: 'DescribeLoadBalancers', times: 3, how: { status, code } })
    expect(await client.call(list)).toMatchObject({ ok: true })
    expect((await double.calls()).map(({ result }) => result)).toEqual([code, code, code, 'ok'])
  })

  test('a storm of throttling is given up after four tries', async () => {
    const client = clientWith(sourcesWith(ours))
    await double.fail({ action: '.*', times: 1000, how: { status: 400, code: 'Throttling' } })
    expect(await client.call(list)).toMatchObject({ ok: false, class: 'throttled' })
    expect(await double.calls()).toHaveLength(4)
  })

  test('a call that took effect without an answer is made again with its token, and makes nothing twice', async () => {
    const client = clientWith(sourcesWith(ours))
    await double.fail({ action: 'CreateLoadBalancer', when: 'after', times: 2, how: 'reset' })
    expect(await client.call(create)).toMatchObject({ ok: true })
    expect(await double.ledger()).toHaveLength(1)
    expect(await double.calls()).toHaveLength(3)
  })

  test('without a token it is not made again, since nobody knows what became of it', async () => {
    const client = clientWith(sourcesWith(ours))
    const { ClientToken: _, ...parameters } = create.parameters
    await double.fail({ action: 'CreateLoadBalancer', when: 'after', how: { status: 500, code: 'InternalError' } })
    expect(await client.call({ ...create, parameters })).toMatchObject({ ok: false, class: 'unknown-effect' })
    expect(await double.calls()).toHaveLength(1)
  })

  test('one token with other parameters is a mismatch', async () => {
    const client = clientWith(sourcesWith(ours))
    await client.call(create)
    const other = { ...create, parameters: { ...create.parameters, LoadBalancerName: 'other' } }
    expect(await client.call(other)).toMatchObject({ ok: false, class: 'token' })
  })

  test('an answer that does not come ends at the time limit', async () => {
    const client = clientWith(sourcesWith(ours), 200)
    await double.fail({ action: 'DescribeLoadBalancers', times: 4, how: 'silence' })
    expect(await client.call(list)).toMatchObject({ ok: false, status: 0, class: 'unknown-effect' })
    expect(await client.call(list)).toMatchObject({ ok: true })
  })
})

describe('credentials, in the order of Alibaba’s own controller', () => {
  test('the token file of the add-on comes first, decrypted', async () => {
    await double.keys({ addon: { secret: 'addon-secret', token: 'addon-token' } })
    const keyring = 'k'.repeat(32)
    const file = join(folder, 'token-config')
    await writeFile(
      file,
      JSON.stringify({
        'access.key.id': encrypted('addon', keyring),
        'access.key.secret': encrypted('addon-secret', keyring),
        'security.token': encrypted('addon-token', keyring),
        expiration: new Date(Date.now() + 3_600_000).toISOString(),
        keyring,
      }),
    )
    expect(await clientWith(sourcesWith(ours, { tokenFile: file })).call(list)).toMatchObject({ ok: true })
  })

  test('an access key that names a role takes it', async () => {
    const client = clientWith(sourcesWith({ ...ours, ALIBABA_CLOUD_ROLE_ARN: 'acs:ram::1:role/lb' }))
    expect(await client.call(list)).toMatchObject({ ok: true })
    expect((await double.calls()).map(({ action }) => action)).toEqual(['AssumeRole', 'DescribeLoadBalancers'])
  })

  test('a folder with an access key, such as a mounted Secret', async () => {
    await writeFile(join(folder, 'access-key-id'), 'testid\n')
    await writeFile(join(folder, 'access-key-secret'), 'testsecret\n')
    expect(await clientWith(sourcesWith({}, { keyFolder: folder })).call(list)).toMatchObject({ ok: true })
  })

  test('the role of a service account, whose token is proof enough', async () => {
    await double.keys({}, { oidcToken: 'token-of-account' })
    const file = join(folder, 'oidc')
    await writeFile(file, 'token-of-account')
    const environment = {
      ALIBABA_CLOUD_ROLE_ARN: 'acs:ram::1:role/lb',
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: 'acs:ram::1:oidc-provider/ack',
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: file,
    }
    expect(await clientWith(sourcesWith(environment)).call(list)).toMatchObject({ ok: true })
  })

  test('the role of the instance comes last', async () => {
    await double.keys({ sts: { secret: 's', token: 't' } }, { role: 'node-role' })
    expect(await clientWith(sourcesWith({})).call(list)).toMatchObject({ ok: true })
  })

  test('expired ones are renewed and the call is made once more', async () => {
    await double.keys({ old: { secret: 's', token: 't', expires: Date.now() - 1 } }, { role: 'node-role' })
    const client = clientWith(sourcesWith({}))
    expect(await client.call(list)).toMatchObject({ ok: false, class: 'expired' })
    await double.keys({ fresh: { secret: 's2', token: 't2' } }, { role: 'node-role' })
    expect(await client.call(list)).toMatchObject({ ok: true })
  })

  test('without any the message names what there could be', async () => {
    const result = await clientWith([{ name: 'the access key', fetch: () => Promise.resolve(undefined) }]).call(list)
    expect(result).toMatchObject({ ok: false, class: 'rights', message: expect.stringContaining('the access key') })
  })
})

function encrypted(text: string, keyring: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', Buffer.from(keyring), iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final()]).toString('base64')
}
