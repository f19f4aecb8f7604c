import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readObjects } from '../../chart/objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

const PORT = 8990
const withDashboard = fileURLToPath(new URL('../../chart/golden/two-replicas.yaml', import.meta.url))

let stage: Stage
let replica: Replica

beforeAll(async () => {
  stage = await openStage()
  replica = stage.replica({ flags: [`--admin-port=${PORT}`, '--admin-auth=kubernetes'] })
  replica.start('--disable-leader-election')
  await replica.ready()
})

afterAll(() => stage?.end())

it('nobody is let in by a token while the controller may not ask whose it is', async () => {
  expect(await overview(await stage.cluster.token('fairlead', 'early'))).toMatchObject({ status: 429 })
})

it('a service account that may get /fairlead sees the dashboard, by its token or by logging in with it', async () => {
  const { cluster } = stage
  await cluster.apply([rightToReview()])
  const token = await cluster.token('default', 'ann')
  await cluster.kubectl('create', 'clusterrole', 'viewer', '--verb=get', '--non-resource-url=/fairlead')
  await cluster.kubectl('create', 'clusterrolebinding', 'ann', '--clusterrole=viewer', '--serviceaccount=default:ann')
  await expect.poll(async () => (await overview(token)).status, SLOWLY).toBe(200)
  const { body } = await overview(token)
  expect(JSON.parse(body)).toMatchObject({
    source: 'cluster',
    instance: 'fairlead-0',
    traffic: { kind: 'none', reason: expect.stringContaining('--enable-metrics') as unknown },
  })

  const login = await ask('login', '-i', '-H', 'content-type: application/json', '-d', JSON.stringify({ token }))
  expect(login.status).toBe(200)
  const [, cookie = ''] = /set-cookie: ([^;]+)/i.exec(login.body) ?? []
  expect(await ask('overview', '-b', cookie)).toMatchObject({ status: 200 })
})

it('one that may not, a token for somebody else, one of an account that is gone, and no token at all are refused', async () => {
  const { cluster } = stage
  const gone = await cluster.token('default', 'gone')
  await cluster.kubectl('create', 'clusterrolebinding', 'gone', '--clusterrole=viewer', '--serviceaccount=default:gone')
  await cluster.kubectl('-n', 'default', 'delete', 'serviceaccount', 'gone')
  const elsewhere = await cluster.kubectl(
    '-n',
    'default',
    'create',
    'token',
    'ann',
    '--audience=https://elsewhere.test',
  )
  for (const token of [await cluster.token('default', 'bob'), elsewhere, gone, 'made.up.token'])
    await expect.poll(async () => (await overview(token.trim())).status, SLOWLY).toBe(401)
  expect(await ask('overview')).toMatchObject({ status: 401 })
})

/** Tokens that were not accepted are judged every two seconds at most, so asking more often only makes it longer. */
const SLOWLY = { timeout: LONG, interval: 2_000 }

function overview(token: string): Promise<Answer> {
  return ask('overview', '-H', `authorization: Bearer ${token}`)
}

interface Answer {
  readonly status: number
  readonly body: string
}

async function ask(path: string, ...words: readonly string[]): Promise<Answer> {
  const url = `http://127.0.0.1:${PORT}/api/${path}`
  const text = await stage.cluster.run('curl', '-s', '-m', '30', '-w', '\n%{http_code}', ...words, url)
  const end = text.lastIndexOf('\n')
  return { status: Number(text.slice(end + 1)), body: text.slice(0, end) }
}

/** What the chart gives the controller for it. */
function rightToReview(): object {
  const roles = readObjects(readFileSync(withDashboard, 'utf8')).filter(({ kind }) => kind === 'ClusterRole')
  const role = roles.find((one) => JSON.stringify(one).includes('tokenreviews'))
  if (role === undefined) throw new Error(`${withDashboard} has no role with tokenreviews.`)
  return { ...role, metadata: { name: 'fairlead' } }
}
